"""A house whose agencies have kith-mail, with a real mail server between them and their people.

Police has the domain police.example: Kith writes from kith@police.example, and duty, manager and
lead have an address there. The mail server pipes what comes for Kith into `kith-mail --in`."""

import contextlib
import email.message
import os
import shutil
import stat

from house import run
from mail_config import mail_config  # house.py has found scripts/lib
from mta import Mta
from web_house import WebHouse

PEOPLE = """
  { name = "duty"; address = "duty@AGENCY.example"; told = "all"; asked = true;
    roles = [ "duty" ]; alerts = "draft"; },
  { name = "manager"; address = "manager@AGENCY.example"; told = "nothing";
    roles = [ "manager" ]; },
  { name = "lead"; address = "lead@AGENCY.example"; alerts = "at-once"; }
"""
USERS = ("mail", "manager", "lead")
PASSWORD = "fictional"
FEED = 'feed = { wait = "1ms"; interval = "1ms"; repeat = "24h"; digest = "none"; };\n'


class Post:
    """One kith-mail."""

    def __init__(self, house, agency):
        self.house, self.agency, self.name = house, agency, f"mail-{agency}"
        self.domain = f"{agency}.example"

    @property
    def config(self):
        return self.house.folder / "agents" / f"{self.name}.cfg"

    @property
    def maildir(self):
        return self.house.folder / self.name

    def configure(self, people=PEOPLE, more='retry = "1s"; retry_max = "1s";'):
        mta = self.house.mta
        account = f"kith@{self.domain}"
        self.config.write_text(mail_config(
            account, people.replace("AGENCY", self.agency), agent=f"../run/{self.agency}.sock",
            maildir=f"../{self.name}", state=f"../store/{self.name}",
            key=f"../keys/{self.name}.key", page="http://127.0.0.1:8480", url=mta.url,
            smtp=f'user = "{account}"; password = "../keys/{self.name}.word"; ca = "{mta.ca}"; '
                 f'timeout = "20s"; {more}'), encoding="utf-8")
        word = self.house.folder / "keys" / f"{self.name}.word"
        word.write_text(f"{PASSWORD}\n", encoding="utf-8")
        word.chmod(0o600)

    def admit(self):
        """The mail server's user puts mails into the maildir, by its group."""
        for folder in (self.maildir, *(self.maildir / name for name in ("tmp", "new", "cur"))):
            os.chown(folder, -1, self.house.mta.gid)
            os.chmod(folder, 0o2770)
        self.house.mta.admit(self.house.folder, self.config.parent, self.config)

    def start(self):
        return self.house.start(self.name)


class PostHouse(WebHouse):
    def __init__(self, *arguments, **options):
        self.posts = {}
        self.doors = contextlib.ExitStack()
        super().__init__(*arguments, **options)

    def write_agent(self, agency, more=""):
        super().write_agent(agency, FEED + more)
        path = self.config(agency)
        names = ", ".join(f'{{ name = "{name}"; role = "{name}"; }}' for name in USERS)
        path.write_text(path.read_text().replace("users = ( ", f"users = ( {names}, "))

    def config(self, name):
        return self.posts[name].config if name in self.posts else super().config(name)

    def program_of(self, name):
        if name in self.posts:
            self.built("kith-mail")
            return "kith-mail"
        return super().program_of(name)

    def open_mta(self, *agencies):
        """One mail server for the domains of all agencies."""
        domains = [f"{agency}.example" for agency in agencies]
        program = self.folder / "kith-mail"
        shutil.copy(self.built("kith-mail"), program)
        program.chmod(program.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
        accounts = {f"{who}@{domain}": PASSWORD for domain in domains
                    for who in ("kith", "duty", "manager", "lead")}
        accounts["stranger@elsewhere.example"] = PASSWORD
        pipes = {f"kith@{agency}.example":
                 [program, "-c", self.folder / "agents" / f"mail-{agency}.cfg", "--in"]
                 for agency in agencies}
        self.mta = self.doors.enter_context(
            Mta([*domains, "elsewhere.example"], accounts=accounts, pipes=pipes))

    def post(self, agency, start=True, **options):
        one = Post(self, agency)
        self.posts[one.name] = one
        one.configure(**options)
        self.init(one.name)
        one.admit()
        if start:
            one.start()
        return one

    def asked(self, agency, word="alert asks", who="duty"):
        """The mail of that subject, once it has come."""
        to, count = f"{who}@{agency}.example", 1
        while True:
            mails = self.mta.wait_mail(to, count)
            found = [mail for mail in mails if word in mail["Subject"]]
            if found:
                return found[-1]
            count = len(mails) + 1

    def write_mail(self, who, to, text, subject="Re: Kith", answers=None, shown=None, **headers):
        """A mail of theirs, through the mail server; what was sent is returned. shown: whom it
        says it is of, if that is another."""
        mail = email.message.EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = shown or who, to, subject
        if answers is not None:
            mail["In-Reply-To"] = mail["References"] = answers["Message-ID"]
            quoted = answers.get_body(("plain",)).get_content()
            text += "\n\nOn Mon, 2 Mar 2026 at 10:00, Kith <kith@a.example> wrote:\n" + "".join(
                f"> {line}\n" for line in quoted.splitlines())
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail["Message-ID"] = email.utils.make_msgid(domain="client.example")
        mail.set_content(text)
        self.mta.send(mail, to, user=who)
        return mail

    def close(self, *arguments, **options):
        super().close(*arguments, **options)
        self.doors.close()


def address(field):
    """The bare address of a header."""
    return email.utils.parseaddr(field)[1]


def run_post(behaviour, **options):
    run(behaviour, kind=PostHouse, **options)
