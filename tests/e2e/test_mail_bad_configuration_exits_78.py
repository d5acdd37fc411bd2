"""Whatever is wrong in mail.cfg ends with 78 and one line `FILE:LINE: what and what to do`, by
kith-mail and by `kith config check`; a start without what --init makes says so; --init changes
nothing that is there."""

import os
import subprocess

from house import holds, same
from mail_house import SETTINGS, ran
from web_house import run_web

CASES = (  # what is wrong · what stands there · what stands there instead
    ("no agent", "agent =", "# agent ="),
    ("an unknown setting", "agent =", "agents = 1; agent ="),
    ("no address", 'address = "alerts@kith.example"', 'address = "alerts"'),
    ("an address too long for a token", "alerts@", "alerts-of-all-agencies@"),
    ("no server", 'server = "mx.kith.example"', 'server = ""'),
    ("a page that is a script", "agent =", 'page = "javascript:1"; agent ='),
    ("no mail server", "smtp://", "http://"),
    ("a user without a password", "smtp = {", 'smtp = { user = "kith";'),
    ("people with one address", "people = (  );",
     'people = ( { name = "a"; address = "a@x.example"; }, '
     '{ name = "b"; address = "A@x.example"; } );'),
    ("Kith among its people", "people = (  );",
     'people = ( { name = "a"; address = "alerts@kith.example"; } );'),
    ("told what is no word", "people = (  );",
     'people = ( { name = "a"; address = "a@x.example"; told = "some"; } );'),
)


def behaviour(house):
    folder = house.folder / "mail"
    folder.mkdir()
    config = folder / "mail.cfg"
    config.write_text(SETTINGS, encoding="utf-8")
    same(ran(config, "--check-config").returncode, 0, "the right one")
    for what, old, new in CASES:
        holds(old in SETTINGS, f"{what}: {old}")
        config.write_text(SETTINGS.replace(old, new, 1), encoding="utf-8")
        for refused in (ran(config, "--check-config"), ran(config), ran(config, "--init")):
            said = refused.stderr.decode()
            same(refused.returncode, 78, f"{what}: {said}")
            holds("mail.cfg:" in said and len(said.splitlines()) == 1, f"{what}: {said}")
        check = subprocess.run([house.built("kith"), "config", "check", config],
                               capture_output=True, check=False)
        same(check.returncode, 78, f"{what}: kith config check")

    config.write_text(SETTINGS, encoding="utf-8")
    same(ran(config).returncode, 78, "nothing was made yet")
    same(ran(config, "--init").returncode, 0, "made")
    key = (folder / "key").read_bytes()
    same(ran(config, "--init").returncode, 73, "made before")
    same((folder / "key").read_bytes(), key, "and unchanged")
    os.chmod(folder / "key", 0o644)
    open_to_all = ran(config)
    same(open_to_all.returncode, 78, "a key that others may read")
    holds(b"0600" in open_to_all.stderr and key.strip() not in open_to_all.stderr, "what to do")
    same(ran(config, "--in", "--read").returncode, 64, "two things at once")


run_web(behaviour)
