"""scripts/demo --keep leaves two pages and their mail running and says how to log in: the family's
feed is read, an alert is raised, answered by email from another agency, and the board closes. What
it prints to stop it stops all of it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from page_house import drive

from house import ROOT, holds, run, same

MAIL = re.compile(r"http://127\S+@health\.example")
LOGIN = re.compile(r"http://(127\S+):(\d+)/  name: (\S+)  password: (\S+)")


def running(folder):
    """The processes that were started in this folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [int(one.parent.name)] if folder in one.read_text() else []
        except OSError:
            pass  # it has ended
    return found


def behaviour(house):
    ran = subprocess.run([sys.executable, "-B", ROOT / "demo" / "play", "--keep",
                          "--bin", os.environ["KITH_BIN"]], capture_output=True, text=True)
    stops = re.findall(r"^  kill (.*)$", ran.stdout, re.M)
    folder = re.findall(r"^  rm -r (.*)$", ran.stdout, re.M)
    try:
        same(ran.returncode, 0, ran.stdout[-3000:] + ran.stderr[-3000:])
        logins = dict(zip(("early-help", "health"), LOGIN.findall(ran.stdout)))
        same(len(logins), 2, ran.stdout[-3000:])
        webs = [SimpleNamespace(agency=agency, address=login[:2])
                for agency, login in logins.items()]
        box, = MAIL.findall(ran.stdout)
        drive("demo.mjs", webs, {}, box=box, logins={
            agency: {"user": user, "password": password}
            for agency, (_, _, user, password) in logins.items()})
    finally:
        for pids in stops:
            subprocess.run(["kill", *pids.split()], check=False)
    house.until("all of it has ended", lambda: not running(folder[0]))
    subprocess.run(["rm", "-r", *folder], check=True)
    holds(not Path(folder[0]).exists(), "nothing is left")


run(behaviour)
