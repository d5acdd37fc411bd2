"""The demo's year plays to its end and adds up, on this build's programs."""

import os
import subprocess
import sys

from house import run, same
from partnership import ROOT


def behaviour(house):
    ran = subprocess.run([sys.executable, "-B", ROOT / "demo" / "play",
                          "--bin", os.environ["KITH_BIN"]], capture_output=True, text=True)
    same(ran.returncode, 0, ran.stdout[-3000:] + ran.stderr[-3000:])
    same("It adds up" in ran.stdout, True, "it says so")


run(behaviour)
