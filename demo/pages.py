"""The pages of agencies that run on after the demo: for each its kith-web on a loopback address,
with one login, whose password is made for this run, printed once, and kept as its digest only."""

import secrets
import subprocess

from partnership import Program, PartnershipError, ROOT, find_program

# Both pages may be open in one browser, whose cookies know hosts and not ports: so each agency has
# a loopback address of its own.
HOST = "127.0.0.{}:0"
PRACTITIONER = '[ "read", "looked", "snooze", "link", "done", "offer", "submit" ]'


class Page:
    """Where one agency's people look: `url`, and the login that works there."""

    def __init__(self, agency, user, role, number):
        self.agency, self.user, self.role = agency, user, role
        self.listen = HOST.format(number)
        self.password = "-".join(secrets.token_hex(2) for _ in range(4))
        self.url = None

    def prepare(self, house):
        """Before its agent starts: the agent takes this user's word from our gateway."""
        house.people[self.agency] = [(self.user, self.role)]
        house.write_agent(self.agency)

    def start(self, house, more=""):
        """more: further lines of its web.cfg."""
        name = f"web-{self.agency}"
        config = house.folder / "agents" / f"{name}.cfg"
        config.write_text(f"""\
agent = "../run/{self.agency}.sock";
accounts = "{name}.accounts";
listen = "{self.listen}";
page = "{ROOT}/web/page";
roles = ( {{ name = "practitioner"; may = {PRACTITIONER}; }} );
users = ( {{ name = "{self.user}"; role = "practitioner"; }} );
{more}""", encoding="utf-8")
        argv = [find_program(house.bin_folder, "kith-web"), "-c", str(config)]
        self.set_password(argv)
        program = Program(name, argv, house.folder / "logs" / name, house.outlives)
        house.programs[name] = program
        program.start()
        said = program.wait_ready()
        self.url = "http://" + said.split(" listen=")[1].split()[0] + "/"

    def set_password(self, argv):
        """On standard input: an argument could be seen by every user of this machine."""
        ran = subprocess.run([*argv, "user", "add", self.user], input=self.password + "\n",
                             capture_output=True, text=True, check=False)
        if ran.returncode:
            raise PartnershipError(f"kith-web user add: {ran.returncode}\n{ran.stderr}")


def two_pages(lead, other):
    """The lead practitioner's, and another agency's that owes an answer."""
    return [Page(lead, "lead", "lead practitioner", 1), Page(other, "duty-desk", "duty worker", 2)]
