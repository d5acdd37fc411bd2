"""Mail for the agencies whose pages run on after the demo: for each its kith-mail, and one post
office for all, on whose page the mailboxes of the people are read and answered."""

import json
import re
import secrets
import subprocess

from authority import Authority
from mail_config import mail_config
from partnership import ROOT, PartnershipError, Program, find_program

HOST, NAME = "127.0.0.1", "mx.example"
PYTHON = "/usr/bin/python3"


class Mails:
    """url: the post office's page; box(page), address(page): an agency's person's, its Kith's."""

    def __init__(self, pages):
        self.pages, self.url, self.smtp = pages, None, None
        self.passwords = {}

    def address(self, page):
        return f"kith@{page.agency}.example"

    def person(self, page):
        return f"{page.user}@{page.agency}.example"

    def box(self, page):
        return f"{self.url}{self.person(page)}"

    def prepare(self, house):
        """Before the agents start: kith-mail looks there under a name of its own."""
        for page in self.pages:
            house.people[page.agency].append(("mail", "mail"))
            house.write_agent(page.agency)

    # ---- the post office -------------------------------------------------------------------------

    def open_office(self, house):
        if not self.pages:
            return
        folder = house.folder / "post"
        folder.mkdir(mode=0o700)
        authority = Authority(folder, "ca")
        authority.issue(NAME, HOST)
        for kind in ("pem", "key"):
            (folder / f"{NAME}.{kind}").rename(folder / f"server.{kind}")
        pipes = {}
        for page in self.pages:
            pipes[self.address(page)] = [str(find_program(house.bin_folder, "kith-mail")), "-c",
                                         str(self.config(house, page)), "--in"]
            for who in (self.address(page), self.person(page)):
                self.passwords[who] = secrets.token_hex(16)
        facts = folder / "office.json"
        facts.touch(mode=0o600)
        facts.write_text(json.dumps({"accounts": self.passwords, "pipes": pipes}),
                         encoding="utf-8")
        argv = [PYTHON, "-B", str(ROOT / "demo" / "post_office.py"), str(folder)]
        said = self.start(house, "post-office", argv)
        self.smtp, self.url = re.search(r"smtp=(\S+) page=(\S+)", said).groups()

    def start(self, house, name, argv):
        program = Program(name, argv, house.folder / "logs" / name, house.outlives)
        house.programs[name] = program
        program.start()
        return program.wait_ready()

    # ---- kith-mail -------------------------------------------------------------------------------

    def config(self, house, page):
        return house.folder / "agents" / f"mail-{page.agency}.cfg"

    def start_mails(self, house):
        """When the pages are there, for the links in what is mailed."""
        for page in self.pages:
            self.start_mail(house, page)

    def start_mail(self, house, page):
        name = f"mail-{page.agency}"
        password = house.folder / "keys" / f"{name}.password"
        password.touch(mode=0o600)
        password.write_text(self.passwords[self.address(page)] + "\n", encoding="utf-8")
        account = self.address(page)
        person = (f'{{ name = "{page.user}"; address = "{self.person(page)}"; told = "urgent"; '
                  'asked = true; roles = [ "duty" ]; alerts = "at-once"; }')
        self.config(house, page).write_text(mail_config(
            account, person, agent=f"../run/{page.agency}.sock", server=NAME,
            maildir=f"../{name}", state=f"../store/{name}", key=f"../keys/{name}.key",
            page=page.url, url=f"smtp://{self.smtp}",
            smtp=f'user = "{account}"; password = "../keys/{name}.password"; '
                 'ca = "../post/ca.pem"; retry = "1s"; '), encoding="utf-8")
        argv = [find_program(house.bin_folder, "kith-mail"), "-c", str(self.config(house, page))]
        ran = subprocess.run([*argv, "--init"], capture_output=True, text=True, check=False)
        if ran.returncode:
            raise PartnershipError(f"kith-mail --init: {ran.returncode}\n{ran.stderr}")
        self.start(house, name, argv)

    def web_lines(self, page):
        """Of its web.cfg: the page links to the mailbox."""
        if page not in self.pages:
            return ""
        return f'mail = {{ address = "{self.address(page)}"; box = "{self.box(page)}"; }};\n'
