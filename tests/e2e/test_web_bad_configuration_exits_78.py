"""Whatever is wrong in web.cfg or the accounts ends a start with 78 and one line
`FILE:LINE: what and what to do`; commands say what they refuse and change nothing."""

import os

from house import ROOT, holds, same
from web_house import run_web

CASES = (  # what is wrong · what stands there · what stands there instead
    ("no agent", "agent =", "# agent ="),
    ("unknown setting", "accounts =", 'acounts = "x"; accounts ='),
    ("not this machine alone", 'listen = "127', 'listen = "0.0.0.0:8480"; # "127'),
    ("a name to listen at", 'listen = "127', 'listen = "localhost:8480"; # "127'),
    ("a port that is none", 'listen = "127', 'listen = "127.0.0.1:99999"; # "127'),
    ("a word of no request", '"read"', '"reed"'),
    ("a draft of no kind", '"submit:event"', '"submit:events"'),
    ("a role twice", 'name = "reader"', 'name = "records"'),
    ("a role that is none", 'role = "reader"', 'role = "readers"'),
    ("a user twice", 'name = "night"', 'name = "duty"'),
    ("a user of no name", 'name = "night"', 'name = ""'),
    ("no page there", "agent =", 'page = "nowhere"; agent ='),
    ("less than idle", "agent =", 'sessions = { idle = "2h"; longest = "1h"; }; agent ='),
    ("a limit of nothing", "agent =", "limits = { connections = 0; }; agent ="),
    ("a certificate without its key", "agent =", 'tls = { certificate = "x"; }; agent ='),
    ("a proxy of no uid", "agent =", 'proxy = { socket = "x"; }; agent ='),
    ("a header that is none", "agent =", 'proxy = { socket = "x"; uid = 1; header = "a b"; };'
     " agent ="),
    ("an address that is none", "agent =", 'mail = { address = "kith"; }; agent ='),
    ("a mailbox that is a script", "agent =",
     'mail = { address = "k@x.example"; box = "javascript:1"; }; agent ='),
    ("a mailbox with a blank", "agent =",
     'mail = { address = "k@x.example"; box = "https://a b/"; }; agent ='),
)


def is_refused(web, what):
    ran = web.command("--check-config")
    same(ran.returncode, 78, f"{what}: {ran.stderr}")
    holds(len(ran.stderr.splitlines()) == 1, f"{what}: one line")
    holds(".cfg:" in ran.stderr or ".accounts:" in ran.stderr or "nowhere" in ran.stderr,
          f"{what}: where: {ran.stderr}")
    same(web.command().stderr, ran.stderr, f"{what}: the server says the same")


def commands_refuse(web):
    same(web.command("user", "add", "nobody", input="long enough words\n").returncode, 66,
         "a name that is no user's")
    same(web.command("user", "add", "duty", input="short\n").returncode, 65, "a short password")
    same(web.command("user", "add", "duty", input="").returncode, 65, "no password")
    same(web.command("user", "remove", "night").returncode, 66, "nothing to remove")
    same(web.command("token", "add", "duty", "a\tb").returncode, 65, "a label with a tab")
    same(web.command("token", "remove", "000000000000").returncode, 66, "no such token")
    for words in (("user",), ("user", "add"), ("nothing", "at", "all")):
        same(web.command(*words).returncode, 64, f"{words}")
    holds("Example:" in web.command("--help").stdout, "the help has an example")
    listed = web.must("user", "list")
    holds("duty" in listed and "no password" in listed, "who may log in")


def behaviour(house):
    web = house.web("police", start=False)
    same(web.command("--check-config").returncode, 0, "the right one")
    text = web.config.read_text()
    web.config.write_text(text + 'mail = { address = "k@x.example"; box = "https://x.example/"; };')
    same(web.command("--check-config").returncode, 0, "with a mailbox")
    for what, old, new in CASES:
        holds(old in text, f"{what}: {old}")
        web.config.write_text(text.replace(old, new, 1))
        is_refused(web, what)
    web.config.write_text(text)
    commands_refuse(web)
    accounts = house.folder / "agents" / "web-police.accounts"
    accounts.write_text("nonsense\n")
    os.chmod(accounts, 0o600)
    is_refused(web, "accounts that are none")
    accounts.write_text("")
    os.chmod(accounts, 0o644)
    is_refused(web, "accounts that others may read")
    same(web.command("token", "list").returncode, 77, "nor do the commands take them")
    web.config.write_text((ROOT / "config" / "web.cfg").read_text())
    os.remove(accounts)
    same(web.command("--check-config").returncode, 0, "the example")


run_web(behaviour, agencies=("police",), front_door="police")
