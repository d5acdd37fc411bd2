"""F13: the wall clock of a running process jumps: an hour, ten years, back or forth, or to the day
in 2038 on which 32 bits of seconds are full. Clocks that disagree delay nothing and lose nothing;
what expired by such a clock arrives all the same.

Each process has libfaketime before it and a file of its own that says what its clock shows."""

import glob
import os
import time

from load import api
from trial import main

HOUR_S, YEAR_S = 3600, 31557600
FULL_S = 2**31  # 2038-01-19 03:14:08
JUMPS = (HOUR_S, -HOUR_S, 10 * YEAR_S, -10 * YEAR_S, 0, None)  # None: to two seconds before FULL_S


def faketime(trial, name):
    """Started with it, a process has the wall clock that this file says; its timers go on as they
    did. The sanitizers' runtime must come first among what is loaded before."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise RuntimeError("libfaketime is not installed: scripts/test installs it")
    folder = trial.house.folder / "clocks"
    folder.mkdir(exist_ok=True)
    return {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": str(folder / name),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}


def jump(trial, name, to):
    if to is None:
        to = FULL_S - 2 - int(time.time())
    shows = f"{to:+d}s"
    path = trial.house.folder / "clocks" / name
    beside = path.with_suffix(".new")
    beside.write_text(shows + "\n", encoding="ascii")
    beside.replace(path)
    trial.struck("clock", node=name, shows=shows)
    if name in trial.house.agencies:
        trial.house.until(f"the clock of {name} jumped {shows}", lambda: ahead(trial, name, to))


def ahead(trial, name, seconds):
    now = trial.load.ask(name, status=api.StatusRequest()).agent.now_ms / 1000
    return abs(now - time.time() - seconds) < 60


def fault(trial):
    for name in trial.names:
        env = faketime(trial, name)
        jump(trial, name, 0)
        trial.house.stop(name)
        trial.house.start(name, env=env)
        trial.house.ended.discard(name)
    for _ in range(trial.count):
        name = trial.chance.choice(trial.names)
        jump(trial, name, trial.chance.choice(JUMPS))
        trial.some_load()
        trial.look()


# By a clock that stands years back, nobody sits in the household's team yet: recipients are named.
main("F13", fault, 10, named=True)
