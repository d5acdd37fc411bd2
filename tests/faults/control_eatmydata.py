"""The control of F9: with libeatmydata in the brokers and the agents, so that no fsync reaches a
disk, a power cut of all must be found out. Once without it, where nothing may be found; once with
it, where the judge must miss what the clients were told."""

import sys

from disks import LosingHouse, preload
from trial import EACH, Trial, arguments, hold, need

EATMYDATA = "/usr/lib/x86_64-linux-gnu/libeatmydata.so"


def fault(trial):
    """All that was told is out; then the power goes, and nothing that was not synced survives."""
    trial.load.grant(EACH)
    trial.load.wait(EACH)
    for name in trial.names:
        trial.kill(name)
    for disk in trial.house.disks.values():
        disk.cut()
        disk.begin()
    for name in trial.names:
        trial.restart(name)


def found(options, env):
    trial = Trial(options, house=LosingHouse, env=env)
    try:
        hold(fault, trial, bare=False)
    finally:
        trial.house.close()
    return trial.violations


need("fuse")
given = arguments(__doc__, 1)
honest = found(given, {})
lying = found(given, preload(EATMYDATA))
missed = [one for one in lying if one.startswith(("I1", "I7"))]
print(f"without eatmydata {len(honest)} violations; with it {len(lying)}, {len(missed)} of "
      "them that a notice was told as stored and is lost")
for one in honest or lying[:3]:
    print(one)
sys.exit(0 if not honest and missed else 1)
