"""A real mail server: Debian's exim4-daemon-light from a scratch folder, with a configuration, a
spool, an address of loopback and a certificate of its own. The system's own mail is not touched.

What it needs: exim4-daemon-light and gnutls-bin (scripts/packages.txt). As root it runs as
`Debian-exim`, since Exim delivers nothing as root; else as whoever runs the test. It runs a copy of
the program without its set-user-ID bit, so it never has more rights than that user: what it pipes
mails to must be readable for it (`admit`).

What it does:
  - STARTTLS, and TLS from the start at a second port; AUTH (PLAIN, LOGIN) only within TLS.
  - Who is logged in may write to anybody, others to its own domains only.
  - `Authentication-Results: mx.example; dmarc=pass` for a mail whose From is of the domain of the
    account that sent it, `dmarc=fail` for others; such fields in its name that were there are gone.
  - Each mail to one of its domains lies in a Maildir: `mails(address)`, `wait_mail(address)`.
  - `pipes`: address → command, on whose standard input the mail comes, also for address+anything;
    exit 75 keeps the mail, and it is tried again after a second at the earliest.
  - `refuse` (550 at RCPT), `put_off` (450 at RCPT), `bounce` (taken, then returned to the sender);
    a mail with `refuse this` in its subject gets 554 at its end.
    What nobody knows is returned too, if who sent it was logged in.
"""

import contextlib
import email
import email.policy
import os
import pwd
import random
import re
import shlex
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from house import WAIT_S, PartnershipError, same
from authority import Authority  # house.py has found scripts/lib
from partnership import Program

EXIM = "/usr/sbin/exim4"
USER = "Debian-exim"
NAME = "mx.example"
LISTS = ("refused", "later", "bounced", "accounts", "maildirs")

MAIN = """\
exim_user = {uid}
exim_group = {gid}
exim_path = {folder}/exim
deliver_drop_privilege = true
primary_hostname = {name}
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
log_selector = +pid -queue_run
local_interfaces = <; [{host}]:{port} ; [{host}]:{tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = {starttls}
tls_certificate = {folder}/server.pem
tls_privatekey = {folder}/server.key
auth_advertise_hosts = ${{if def:tls_in_cipher{{*}}}}
domainlist ours = {domains}
acl_smtp_rcpt = at_rcpt
acl_smtp_data = at_data
rfc1413_query_timeout = 0s
host_lookup =
delay_warning =
keep_environment =
add_environment = PATH=/usr/bin:/bin
message_size_limit = 30M

begin acl
at_rcpt:
  deny message = 550 5.1.1 no such recipient
    recipients = lsearch;{folder}/refused
  defer message = 450 4.2.1 not now
    recipients = lsearch;{folder}/later
  accept authenticated = *
  accept domains = +ours
  deny message = 550 5.7.1 log in first

at_data:
  deny message = 554 5.6.0 not taken
    condition = ${{if match{{$rh_subject:}}{{refuse this}}}}
  warn condition = ${{if match{{$rh_authentication-results:}}{{(?mi)^\\\\s*{name}\\\\s*;}}}}
    remove_header = Authentication-Results
  warn set acl_m_from = ${{lc:${{domain:${{address:$h_from:}}}}}}
    add_header = :at_start:Authentication-Results: {name}; \\
      dmarc=${{if eqi{{${{domain:$authenticated_id}}}}{{$acl_m_from}}{{pass}}{{fail}}}} \\
      header.from=$acl_m_from
  accept

begin routers
bounced:
  driver = redirect
  data = ${{lookup{{$local_part@$domain}}lsearch{{{folder}/bounced}}{{:fail: nobody here}}fail}}
  allow_fail
{routers}
own:
  driver = accept
  address_data = ${{lookup{{$local_part@$domain}}lsearch{{{folder}/maildirs}}{{$value}}fail}}
  transport = own
all:
  driver = accept
  domains = +ours
  transport = all

begin transports
own:
  driver = appendfile
  directory = $address_data
  maildir_format
  envelope_to_add
  return_path_add
  mode = 0660
all:
  driver = appendfile
  directory = {folder}/mail/$domain_data
  maildir_format
  envelope_to_add
  return_path_add
{transports}

begin retry
* * F,1d,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{lookup{{$auth2}}lsearch{{{folder}/accounts}} \\
    {{${{if eq{{$value}}{{$auth3}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${{lookup{{$auth1}}lsearch{{{folder}/accounts}} \\
    {{${{if eq{{$value}}{{$auth2}}}}}}}}
  server_set_id = $auth1
"""

ROUTER = """\
to_{name}:
  driver = accept
  domains = {domain}
  local_parts = {local}
  local_part_suffix = +*
  local_part_suffix_optional
  transport = {name}
"""

TRANSPORT = """\
{name}:
  driver = pipe
  command = {folder}/{name}
  temp_errors = 75
  timeout = 60s
  return_fail_output
  envelope_to_add
  return_path_add
"""

def _when(path):
    """Of a mail in a maildir: Exim names it SECONDS.MMICROSECONDSPPROCESS.HOST, without zeros."""
    seconds, micros = re.match(r"(\d+)\.M(\d+)P", path.name).groups()
    return int(seconds), int(micros)


class Mta:
    """One mail server, from `start` to `close`; `with Mta(…) as mta` does both."""

    def __init__(self, domains, accounts=None, pipes=None, maildirs=None, starttls=True,
                 environment=None):
        """accounts: user → password, a user is an address; pipes: address → argv; maildirs:
        address → a folder of the caller's, made by Exim when missing; environment: of the
        pipes' commands."""
        self.domains, self.pipes, self.starttls = list(domains), dict(pipes or {}), starttls
        self.accounts, self.environment = dict(accounts or {}), dict(environment or {})
        self.folder = Path(tempfile.mkdtemp(prefix="mta-"))
        self.host = "127.{}.{}.{}".format(*(random.randint(1, 254) for _ in range(3)))
        self.port, self.tls_port = self._free_port(), self._free_port()
        entry = pwd.getpwnam(USER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.uid, self.gid = entry.pw_uid, entry.pw_gid
        self.authority = Authority(self.folder)
        self.ca = str(self.authority.certificate)
        self._write(maildirs or {})
        self.program = Program("mta", self._command("-bdf", "-q1s"), self.folder / "mainlog", True)

    @property
    def url(self):
        return f"smtp://{self.host}:{self.port}"

    @property
    def tls_url(self):
        return f"smtps://{self.host}:{self.tls_port}"

    def _free_port(self):
        with socket.socket() as probe:
            probe.bind((self.host, 0))
            return probe.getsockname()[1]

    def _command(self, *words):
        """Dies with us; the change of user comes first, since it would undo that."""
        as_user = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--"]
        return [*(as_user if os.geteuid() == 0 else []), "setpriv", "--pdeathsig", "KILL", "--",
                str(self.folder / "exim"), "-C", str(self.folder / "exim.conf"), *words]

    # ---- its files -----------------------------------------------------------------------------

    def _write(self, maildirs):
        shutil.copy(EXIM, self.folder / "exim")
        os.chmod(self.folder / "exim", 0o755)  # without its set-user-ID bit
        self.authority.issue(NAME, self.host)
        for kind in ("pem", "key"):
            os.replace(self.folder / f"{NAME}.{kind}", self.folder / f"server.{kind}")
        for name in ("spool", "mail"):
            (self.folder / name).mkdir()
        for name in LISTS:
            (self.folder / name).touch()
        (self.folder / "mainlog").touch()
        for kind, table in (("accounts", self.accounts), ("maildirs", maildirs)):
            for key, value in table.items():
                self._add(kind, key, value)
        self._configure()
        for path in [self.folder, *self.folder.iterdir()]:
            if path.name != "exim.conf":  # Exim takes it from root, or from its own user
                os.chown(path, self.uid, self.gid)

    def _configure(self):
        pipes = [(f"pipe_{number}", *address.split("@"))
                 for number, address in enumerate(self.pipes)]
        (self.folder / "exim.conf").write_text(MAIN.format(
            uid=self.uid, gid=self.gid, folder=self.folder, name=NAME, host=self.host,
            port=self.port, tls_port=self.tls_port, starttls="*" if self.starttls else "",
            domains=" : ".join(self.domains),
            routers="".join(ROUTER.format(name=name, local=local, domain=domain)
                            for name, local, domain in pipes),
            transports="".join(TRANSPORT.format(name=name, folder=self.folder)
                               for name, _, _ in pipes)), encoding="utf-8")
        for (name, _, _), argv in zip(pipes, self.pipes.values()):
            self._script(name, argv)

    def _script(self, name, argv):
        """A pipe's command, so that no word of it needs Exim's quotes."""
        exports = "".join(f"export {key}={shlex.quote(value)}\n"
                          for key, value in self.environment.items())
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{exports}exec {shlex.join(map(str, argv))}\n",
                        encoding="utf-8")
        os.chmod(path, 0o755)

    def _add(self, kind, key, value=""):
        with open(self.folder / kind, "a", encoding="utf-8") as file:
            file.write(f"{key}: {value}\n")

    def admit(self, *paths):
        """Lets its user read (and enter) these."""
        for path in paths:
            mode = os.stat(path).st_mode
            os.chown(path, -1, self.gid)
            os.chmod(path, mode | (0o050 if os.path.isdir(path) or mode & 0o100 else 0o040))

    # ---- its life ------------------------------------------------------------------------------

    def start(self):
        self.program.start()
        self.program.wait_line("daemon started")
        return self

    def stop(self):
        same(self.program.stop(), 0, "the mail server stops cleanly")

    def close(self):
        self.program.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, kind, *_):
        if kind:
            print(f"---- mta\n{self.program.text()[-6000:]}", flush=True)
        self.close()

    # ---- what it is told -----------------------------------------------------------------------

    def refuse(self, address):
        """550 at RCPT, from now on."""
        self._add("refused", address)

    def put_off(self, address):
        """450 at RCPT, from now on."""
        self._add("later", address)

    def bounce(self, address):
        """Taken, and then returned to the envelope's sender, from now on."""
        self._add("bounced", address)

    def admit_all_again(self):
        """None is refused, put off or bounced any more."""
        for kind in ("refused", "later", "bounced"):
            os.truncate(self.folder / kind, 0)

    def flush(self):
        """Tries again what waits, and returns when all of it was tried."""
        subprocess.run(self._command("-qff"), check=True, timeout=WAIT_S)

    # ---- mails ---------------------------------------------------------------------------------

    @contextlib.contextmanager
    def session(self, user=None):
        """smtplib's, within TLS, logged in as this user."""
        context = ssl.create_default_context(cafile=self.ca)
        with smtplib.SMTP(self.host, self.port, "client.example", WAIT_S) as smtp:
            smtp.starttls(context=context)
            if user:
                smtp.login(user, self.accounts[user])
            yield smtp

    def send(self, mail, to, user=None, sender=None):
        """Sends this (bytes or an email message) by this account; None: as a stranger would.
        The errors are smtplib's."""
        data = mail if isinstance(mail, bytes) else mail.as_bytes(policy=email.policy.SMTP)
        with self.session(user) as smtp:
            smtp.sendmail(sender if sender is not None else user or "", [to], data)

    def mails(self, address):
        """What has come for this address, in order: email messages, with `raw`, their bytes."""
        found = []
        folder = self.folder / "mail" / address.split("@")[1] / "new"
        for path in sorted(folder.glob("*"), key=_when):
            raw = path.read_bytes()
            if f"\nEnvelope-to: {address}\n".encode() in raw.partition(b"\n\n")[0] + b"\n":
                mail = email.message_from_bytes(raw, policy=email.policy.default)
                mail.raw = raw
                found.append(mail)
        return found

    def wait_mail(self, address, count=1, timeout=WAIT_S):
        """The mails for it, once there are so many; looks whenever the log has grown."""
        deadline = time.monotonic() + timeout
        with self.program.more:
            while len(self.mails(address)) < count:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise PartnershipError(f"not {count} mails for {address} in {timeout} s")
                self.program.more.wait(min(left, 1))
        return self.mails(address)

    def wait_log(self, word, times=1):
        """Until its log has this word so many times since its start: `=>` delivered, `==` put off,
        `**` returned, `Completed`."""
        return self.program.wait_line(word, times=times)
