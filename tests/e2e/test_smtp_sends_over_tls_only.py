"""io/smtp and a real mail server: a mail arrives as it was, each refusal is told for what it is,
and without TLS, a certificate that is right and the account's AUTH nothing is sent at all."""

import os
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

from house import WAIT_S, holds, same
from mta import NAME, Authority, Mta
from partnership import find_program

USER, PASSWORD = "alerts@kith.example", "CANARY password"
TO = "duty@police.example"
HEAD = ("From: Alerts <alerts@kith.example>\r\nTo: duty@police.example\r\nSubject: {subject}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")
DOTS = ".\r\n..\r\n.a\r\na.\r\n\r\n.\r\nQUIT\r\n...\r\n"
DRIVER = find_program(os.environ["KITH_BIN"], "smtp_driver")


class Fake:
    """A mail server that says what it is told to: `replies` by command (END: to the mail), None is
    silence and "" a cut. `heard` are the commands it was given."""

    def __init__(self, folder, name="127.0.0.1", banner="220 fake", auth="PLAIN", replies=None):
        self.banner, self.auth, self.replies, self.heard = banner, auth, replies or {}, []
        authority = Authority(folder, "fakes")
        authority.issue(name, "127.0.0.1" if name == "127.0.0.1" else "127.0.0.2")
        self.ca = authority.certificate
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(Path(folder) / f"{name}.pem", Path(folder) / f"{name}.key")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(WAIT_S)
        self.listener.close()

    def _serve(self):
        """One connection, until the client leaves."""
        connection, _ = self.listener.accept()
        connection.settimeout(WAIT_S)
        try:
            connection.sendall(f"{self.banner}\r\n".encode())
            self._talk(connection)
        except (OSError, EOFError):
            pass
        finally:
            connection.close()

    def _talk(self, connection):
        lines = connection.makefile("rb")
        for line in lines:
            word = line.decode().split()[0].upper()
            if self.heard[-1:] == ["AUTH"]:
                word = "ACCOUNT"
            self.heard.append(word)
            self._answer(connection, word)
            if word == "STARTTLS":
                self._talk(self.context.wrap_socket(connection, server_side=True))
                return
            if word == "DATA" and self.replies.get("DATA", "354")[0] == "3":
                while lines.readline() not in (b".\r\n", b""):
                    pass
                self._answer(connection, "END")

    def _answer(self, connection, word):
        offers = f"250-fake\r\n250-AUTH {self.auth}\r\n" if self.auth else ""
        usual = {"EHLO": f"{offers}250 STARTTLS", "STARTTLS": "220 go", "AUTH": "334 ",
                 "ACCOUNT": "235 ok", "DATA": "354 go", "QUIT": "221 bye"}
        said = self.replies.get(word, usual.get(word, "250 ok"))
        if said == "":
            raise EOFError
        if said is not None:
            connection.sendall(f"{said}\r\n".encode())


class Sender:
    """What the driver says of some mails, sent with these options."""

    def __init__(self, mta, folder):
        self.folder = Path(folder)
        self.options = {"url": mta.url, "helo": "kith.example", "ca": mta.ca, "user": USER,
                        "password": PASSWORD, "timeout": WAIT_S * 1000}

    def send(self, *recipients, subject="test", body="A line.\r\n", sender=USER, **options):
        """A line for each: ticket, outcome, code, why; ordered by ticket."""
        path = self.folder / "mail"
        path.write_bytes((HEAD.format(subject=subject) + body).encode())
        given = {**self.options, **options}
        orders = [f"{name} {value}" for name, value in given.items() if value is not None]
        orders += [f"send {sender} {to} {path}" for to in recipients]
        ran = subprocess.run([DRIVER], input="\n".join(orders) + "\n", capture_output=True,
                             text=True, timeout=WAIT_S, check=False)
        same(ran.returncode, 0, f"the driver: {ran.stderr}")
        same(ran.stderr, "", "it says nothing else")
        return sorted(ran.stdout.splitlines(), key=lambda line: int(line.split()[0]))

    def one(self, to=TO, **options):
        return self.send(to, **options)[0]


def body_of(mail):
    return mail.raw.partition(b"\n\n")[2]


def arrives_as_it_was(mta, sender):
    same(sender.one(body=DOTS), "1 sent 250 sent", "dots")
    same(body_of(mta.wait_mail(TO)[0]), DOTS.replace("\r\n", "\n").encode(), "each dot is there")
    large = "".join(f".{'x' * (number % 79)}\r\n" for number in range(100_000))
    same(sender.one(body=large, url=mta.tls_url), "1 sent 250 sent", "4 MB, TLS from the start")
    same(body_of(mta.wait_mail(TO, 2)[1]), large.replace("\r\n", "\n").encode(),
         "dots at every place of a buffer")
    same(sender.one(sender="-"), "1 sent 250 sent", "from nobody")
    same(mta.wait_mail(TO, 3)[2]["Return-path"], "<>", "an empty envelope sender")
    same(mta.mails(TO)[0]["Authentication-Results"],
         f"{NAME}; dmarc=pass header.from=kith.example", "as the account")


def each_recipient_has_its_answer(mta, sender):
    mta.refuse("gone@police.example")
    mta.put_off("full@police.example")
    many = [f"team-{number}@police.example" for number in range(10)]
    said = sender.send("gone@police.example", *many, "full@police.example")
    same(said[0], "1 refused 550 refused-recipient", "550")
    same(said[-1], "12 later 450 not-now", "450")
    for number, to in enumerate(many, 2):
        same(said[number - 1], f"{number} sent 250 sent", to)
        mta.wait_mail(to)
    same(sender.one(subject="refuse this"), "1 refused 554 refused-mail", "at its end")
    huge = "x" * 998 + "\r\n"
    same(sender.one(body=huge * 32_000), "1 refused 552 refused-mail", "too large")


def wrong_is_later_and_sends_nothing(mta, sender, folder):
    other = Authority(folder, "other")
    same(sender.one(ca=other.certificate), "1 later 0 bad-certificate", "another authority")
    same(sender.one(ca=None), "1 later 0 bad-certificate", "the system's authorities")
    named = mta.url.replace(mta.host, "localhost")
    same(sender.one(url=named), "1 later 0 no-connection", "it listens elsewhere")
    same(sender.one(password="wrong"), "1 later 535 auth-failed", "a wrong password")
    same(sender.one(user="nobody@kith.example"), "1 later 535 auth-failed", "a wrong user")
    same(sender.one(to="a@other.example", user=None, password=None),
         "1 refused 550 refused-recipient", "without an account, to others")


def wrong_server_is_later(sender, folder):
    with Fake(folder, "mail.example") as fake:  # its certificate is not of our address
        same(sender.one(url=fake.url, ca=fake.ca), "1 later 0 bad-certificate", "another's name")
    with Fake(folder, banner="554 nobody here") as fake:
        same(sender.one(url=fake.url, ca=fake.ca), "1 later 554 not-now", "it serves nobody")
    with Fake(folder, replies={"STARTTLS": "220 go\r\n250 not from within TLS"}) as fake:
        same(sender.one(url=fake.url, ca=fake.ca), "1 later 0 failed", "put in before TLS")
        same(fake.heard[-1], "STARTTLS", "it was given no mail")
    with Fake(folder, auth="CRAM-MD5") as fake:
        same(sender.one(url=fake.url, ca=fake.ca), "1 later 0 auth-failed", "no AUTH that we speak")
    with Fake(folder, auth="") as fake:
        same(sender.one(url=fake.url, ca=fake.ca), "1 later 0 auth-failed", "no AUTH at all")
        holds("RCPT" not in fake.heard and "DATA" not in fake.heard, "it was given no mail")


def answers_are_told_apart(sender, folder):
    def one(**replies):
        with Fake(folder, replies=replies) as fake:
            return sender.one(url=fake.url, ca=fake.ca)

    same(one(), "1 sent 250 sent", "all is well")
    same(one(QUIT=None), "1 sent 250 sent", "one that does not answer our good-bye")
    same(one(ACCOUNT="454 not now"), "1 later 454 auth-failed", "accounts cannot be looked up")
    same(one(MAIL="530 log in first"), "1 later 530 auth-failed", "an account that may not send")
    same(one(MAIL="550 not you"), "1 refused 550 refused-sender", "the sender")
    same(one(DATA="451 no room"), "1 later 451 not-now", "before the mail")
    same(one(END="452 no room"), "1 later 452 not-now", "after the mail")
    same(one(END="554 not this"), "1 refused 554 refused-mail", "the mail")
    same(one(RCPT="421 going down"), "1 later 421 not-now", "in the middle")
    same(one(END=""), "1 later 0 connection-lost", "cut before the last answer")


def server_without_starttls_gets_nothing(sender):
    with Mta(["police.example"], {USER: PASSWORD}, starttls=False) as plain:
        same(sender.one(url=plain.url, ca=plain.ca), "1 later 0 no-tls", "no STARTTLS")
        same(sender.one(url=plain.url, ca=plain.ca, user=None, password=None),
             "1 later 0 no-tls", "nor without an account")
        plain.stop()
        said = plain.program.text()
        holds("<=" not in said and "RCPT" not in said, "it was given no mail")


def main():
    with tempfile.TemporaryDirectory() as folder, \
            Mta(["police.example", "kith.example"], {USER: PASSWORD}) as mta:
        sender = Sender(mta, folder)
        arrives_as_it_was(mta, sender)
        each_recipient_has_its_answer(mta, sender)
        before = mta.program.text().count("<=")
        wrong_is_later_and_sends_nothing(mta, sender, folder)
        same(mta.program.text().count("<="), before, "nothing was sent")
        server_without_starttls_gets_nothing(sender)
        wrong_server_is_later(sender, folder)
        answers_are_told_apart(sender, folder)
        holds(PASSWORD not in mta.program.text(), "no password in a log")
        mta.stop()


main()
