"""The demo's post office: a mail server for the demo's people and for their Kith, and a page on
which their mailboxes are read and answered. Loopback only; made for one run, thrown away with it.

SMTP with STARTTLS and a log-in, as an agency's own server has it: it stamps who was logged in into
Authentication-Results, as one that checks DMARC does, gives what comes for Kith to `kith-mail --in`
and puts the rest into the mailbox of who it is for.

Usage: /usr/bin/python3 demo/post_office.py FOLDER
Example: scripts/demo --keep starts it, and prints where its page is
"""

import email
import email.message
import email.policy
import email.utils
import html
import http.server
import json
import mailbox
import re
import smtplib
import ssl
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts" / "lib"))

from partnership import free_port  # noqa: E402

HOST = "127.0.0.1"
NAME = "mx.example"
READER = email.policy.default
STYLE = """body { font-family: sans-serif; max-width: 44em; margin: 1em auto; padding: 0 1em;
line-height: 1.5 } textarea, input { width: 100%; box-sizing: border-box; font: inherit }
textarea { height: 8em } pre { white-space: pre-wrap; border-left: 4px solid #b1b4b6;
padding-left: 1em; font: inherit }
button { font: inherit; padding: .4em 1.2em; margin-top: .6em }"""


class Office:
    """FOLDER/office.json: accounts (address → password) and pipes (address → command)."""

    def __init__(self, folder):
        self.folder = Path(folder)
        facts = json.loads((self.folder / "office.json").read_text(encoding="utf-8"))
        self.accounts, self.pipes = facts["accounts"], facts["pipes"]
        self.lock = threading.Lock()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        self.port = free_port(HOST)
        self.server = Controller(self, hostname=HOST, port=self.port, tls_context=context,
                                 require_starttls=True, auth_required=True, ident="",
                                 server_hostname=NAME, authenticator=self.authenticate)
        self.client = ssl.create_default_context(cafile=self.folder / "ca.pem")

    def box(self, address):
        return mailbox.Maildir(self.folder / address, factory=None)

    def people(self):
        return [address for address in self.accounts if address not in self.pipes]

    # ---- the server ----------------------------------------------------------------------------

    def authenticate(self, _server, session, _envelope, _mechanism, said):
        good = isinstance(said, LoginPassword) and \
            self.accounts.get(said.login.decode(errors="replace")) == said.password.decode(
                errors="replace")
        if good:
            session.user = said.login.decode()
        return AuthResult(success=good)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        base = re.sub(r"\+[^@]*@", "@", address.lower())
        if base not in self.accounts:
            return "550 5.1.1 no such recipient"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802
        mail = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        sender = email.utils.parseaddr(str(mail["From"]))[1].lower()
        del mail["Authentication-Results"]
        word = "pass" if sender == session.user else "fail"
        head = (f"Authentication-Results: {NAME}; dmarc={word} "
                f"header.from={sender.partition('@')[2]}\r\n").encode()
        whole = head + mail.as_bytes(policy=email.policy.SMTP)
        for address in envelope.rcpt_tos:
            if not self.deliver(address.lower(), envelope.mail_from, whole):
                return "451 4.3.0 try again"
        return "250 2.0.0 taken"

    def deliver(self, address, sender, whole):
        whole = f"Return-Path: <{sender}>\r\nDelivered-To: {address}\r\n".encode() + whole
        base = re.sub(r"\+[^@]*@", "@", address)
        if base in self.pipes:
            return subprocess.run(self.pipes[base], input=whole, check=False).returncode == 0
        with self.lock:
            self.box(base).add(whole)
        return True

    # ---- the people ----------------------------------------------------------------------------

    def mails(self, address):
        """Key and mail, the newest first."""
        with self.lock:
            box = self.box(address)
            return [(key, email.message_from_bytes(box.get_bytes(key), policy=READER))
                    for key in sorted(box.iterkeys(), key=came, reverse=True)]

    def send(self, who, to, subject, text, answers=None):
        mail = email.message.EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = who, to, subject
        mail["Message-ID"] = email.utils.make_msgid(domain=who.partition("@")[2])
        mail["Date"] = email.utils.localtime()
        if answers is not None:
            mail["In-Reply-To"] = mail["References"] = answers["Message-ID"]
            when = answers["Date"].datetime.strftime("%a, %d %b %Y at %H:%M")
            text += f"\n\nOn {when}, Kith <{answers['From'].addresses[0].addr_spec}> wrote:\n" + \
                "".join(f"> {line}\n" for line in body_of(answers).splitlines())
        mail.set_content(text)
        with smtplib.SMTP(HOST, self.port) as smtp:
            smtp.starttls(context=self.client)
            smtp.login(who, self.accounts[who])
            smtp.send_message(mail)


def came(key):
    """When: a Maildir's names begin with it, and its folder has no order."""
    return [int(number) for number in re.findall(r"\d+", key)[:2]]


def body_of(mail):
    part = mail.get_body(("plain",))
    return part.get_content() if part else ""


# ---- the page ------------------------------------------------------------------------------------

def page(title, *parts, again=""):
    """again: seconds after which it is looked at anew, by itself."""
    refresh = f'<meta http-equiv="refresh" content="{again}">' if again else ""
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            + refresh +
            '<meta name="viewport" content="width=device-width"><style>' + STYLE +
            f"</style></head><body><main><h1>{title}</h1>" + "".join(parts) +
            "</main></body></html>")


def form(action, *fields, send):
    return (f'<form method="post" action="{action}">' + "".join(fields) +
            f'<button>{send}</button></form>')


def field(name, label, value=""):
    return (f'<p><label for="{name}">{label}</label>'
            f'<input id="{name}" name="{name}" value="{html.escape(value)}" required></p>')


TEXT = ('<p><label for="text">Text</label>'
        '<textarea id="text" name="text" required></textarea></p>')


def linked(text):
    """Our own addresses of a page become links; everything else stays text."""
    return re.sub(r"(http://127\.0\.0\.\d+:\d+/[#/a-z0-9-]*)", r'<a href="\1">\1</a>',
                  html.escape(text))


class Pages(http.server.BaseHTTPRequestHandler):
    office = None

    def log_message(self, *_):
        pass

    def answer(self, status, text, headers=()):
        data = text.encode()
        self.send_response(status)
        for name, value in (("Content-Type", "text/html; charset=utf-8"),
                            ("Content-Length", str(len(data))),
                            ("Content-Security-Policy",
                             "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
                            ("Referrer-Policy", "same-origin"), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def place(self):
        """The mailbox and the mail that the path names; None where it names none."""
        parts = [urllib.parse.unquote(part) for part in self.path.strip("/").split("/")]
        who = parts[0] if parts[0] in self.office.people() else None
        key = parts[1] if who and len(parts) > 1 else None
        return who, key, dict(self.office.mails(who)).get(key) if key else None

    def do_GET(self):  # noqa: N802
        who, key, mail = self.place()
        if self.path == "/":
            self.answer(200, self.boxes())
        elif who and key == "write":
            self.answer(200, self.write(who))
        elif mail:
            self.answer(200, self.mail(who, key, mail))
        elif who and not key:
            self.answer(200, self.mailbox(who))
        else:
            self.answer(404, page("There is no such mail", '<p><a href="/">Mailboxes</a></p>'))

    def boxes(self):
        rows = "".join(f'<li><a href="/{who}">{who}</a> ({len(self.office.mails(who))})</li>'
                       for who in self.office.people())
        return page("Mailboxes", "<p>The demo's people, and what was mailed to them.</p>",
                    f"<ul>{rows}</ul>")

    def mailbox(self, who):
        rows = "".join(f'<li><a href="/{who}/{urllib.parse.quote(key)}">'
                       f'{html.escape(mail["Subject"] or "")}</a></li>'
                       for key, mail in self.office.mails(who))
        return page(f"Mails of {who}", f"<ul>{rows or '<li>none yet</li>'}</ul>",
                    f'<p><a href="/{who}/write">Write a mail</a> · <a href="/">Mailboxes</a></p>',
                    again="2")

    def mail(self, who, key, mail):
        return page(html.escape(mail["Subject"] or ""), f"<p>From {html.escape(mail['From'])}</p>",
                    f"<pre>{linked(body_of(mail))}</pre>",
                    form(f"/{who}/{urllib.parse.quote(key)}", TEXT, send="Reply"),
                    f'<p><a href="/{who}">All mails</a></p>')

    def write(self, who):
        kith = next((one for one in self.office.pipes
                     if one.partition("@")[2] == who.partition("@")[2]), "")
        return page("Write a mail", form(f"/{who}/write", field("to", "To", kith),
                                         field("subject", "Subject"), TEXT, send="Send"))

    def do_POST(self):  # noqa: N802
        who, key, mail = self.place()
        host = self.headers.get("Host", "")
        if not who or self.headers.get("Origin", f"http://{host}") != f"http://{host}":
            self.answer(403, page("Not from here"))
            return
        size = min(int(self.headers.get("Content-Length") or 0), 1 << 20)
        said = {name: values[0] for name, values in
                urllib.parse.parse_qs(self.rfile.read(size).decode()).items()}
        text = said.get("text", "").replace("\r\n", "\n")
        if mail:
            self.office.send(who, str(mail["Reply-To"] or mail["From"]), f"Re: {mail['Subject']}",
                             text, mail)
        elif key == "write":
            self.office.send(who, said.get("to", ""), said.get("subject", ""), text)
        self.answer(303, "", [("Location", f"/{who}")])


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if "-h" in sys.argv or "--help" in sys.argv else 64
    office = Office(sys.argv[1])
    office.server.start()
    Pages.office = office
    pages = http.server.ThreadingHTTPServer((HOST, 0), Pages)
    print(f"post-office ready smtp={HOST}:{office.port} page=http://{HOST}:{pages.server_port}/",
          flush=True)
    pages.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
