"""A house with a page in headless Chromium: `drive` runs a script of this folder with node, which
asks back for what only the house can do (one line of JSON each way)."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from house import ROOT, PartnershipError  # noqa: E402
from web_house import PASSWORD, WebHouse, run_web  # noqa: E402, F401

DRIVE_S = 240


def tools():
    """playwright-core and axe-core at the versions of package-lock.json, in the build folder. No
    browser of theirs: Debian's Chromium is driven."""
    folder = Path(os.environ["KITH_BIN"], "browser").resolve()
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (HERE / "package-lock.json").read_bytes()
        done = folder / "installed-lock.json"
        if not done.exists() or done.read_bytes() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder / name)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                           cwd=folder, check=True, capture_output=True)
            done.write_bytes(wanted)
    return folder


def page_web(house, agency):
    """Its kith-web with the page."""
    return house.web(agency, more=f'page = "{ROOT}/web/page";')


def drive(script, webs, tasks, **facts):
    """tasks: name → what the script may ask for; it gets what that returns."""
    folder = tools()
    start = {"password": PASSWORD, "tools": str(folder), "pictures": str(folder / "pictures"),
             "webs": {web.agency: "http://{}:{}".format(*web.address) for web in webs}, **facts}
    program = subprocess.Popen(["timeout", str(DRIVE_S), "node", str(HERE / script)], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env={**os.environ, "KITH_PAGE": json.dumps(start)})
    with program:
        for line in program.stdout:
            task = json.loads(line)
            answer = tasks[task["do"]](*task.get("with", []))
            program.stdin.write(json.dumps(answer) + "\n")
            program.stdin.flush()
    if program.returncode:
        raise PartnershipError(f"{script} ended with {program.returncode}")
