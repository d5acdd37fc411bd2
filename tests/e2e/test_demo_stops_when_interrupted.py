"""A demo that is interrupted stops every process it has started, also with --keep."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from house import ROOT, run, same


def running(folder):
    """The processes that were started in this folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [one.read_text()] if folder in one.read_text() else []
        except OSError:
            pass  # it has ended
    return found


def behaviour(house):
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with subprocess.Popen([sys.executable, "-B", ROOT / "demo" / "play", "--keep", "--bin",
                               os.environ["KITH_BIN"]], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as demo:
            folder = next(filter(None, (re.search(r"run in (\S+)$", line)
                                        for line in demo.stdout))).group(1)
            same(len(running(folder)) >= 8, True, "brokers and agents run")
            demo.send_signal(number)
            same(demo.wait(60), status, "how it ends")
        same(running(folder), [], "nothing of it runs on")
        same(Path(folder).exists(), False, "and nothing of it is left")


run(behaviour)
