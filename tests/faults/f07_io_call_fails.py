"""F7: one call of a process to its disk fails, or all from one on (shim_io.c): EIO, ENOSPC, half of
it written, or done but said to have failed. The plays: `--init`, and a whole run, of an agent and
of a broker; the run goes from its start over load (submit, deliver, receipt) to its stop. --count
plays are taken by chance; with --count 0 it is every call, from the first on until a play was not
touched any more. After each failure the process is started again on what it left."""

import os
import shutil
import subprocess

from disks import preload
from trial import EACH, WAIT_S, LoadError, PartnershipError, Violation, main

ERRORS = ("EIO", "ENOSPC", "SHORT", "AFTER")
LOAD = EACH // 3
ENDS = (0, 70, 74, 75)  # done, damaged, failed, full: never a signal, never a sanitizer's
INIT_CALLS, RUN_CALLS = 31, 28  # a little more than a play makes


class Failing:
    """How one process's calls fail, and whether one has."""

    def __init__(self, house, name, at, error, sticky):
        self.what = f"{name}: call {at} {error}{' and all after it' if sticky else ''}"
        self.sticky, self.told = sticky, house.folder / "struck"
        self.told.unlink(missing_ok=True)
        self.env = {**preload("libkith_shim_io.so"), "KITH_IO_WITHIN": "/store/",
                    "KITH_IO_FAIL_AT": str(at), "KITH_IO_ERROR": error,
                    "KITH_IO_TELL": str(self.told), **({"KITH_IO_STICKY": "1"} if sticky else {})}

    @property
    def struck(self):
        return self.told.exists()

    def must_end_well(self, status, said):
        if status not in ENDS or (status != 0 and not said.strip()):
            call = self.told.read_text(encoding="ascii").strip() if self.struck else "none"
            raise Violation(f"{self.what} ({call}): it ended with {status}: {said[-2000:]}")


# ---- the plays: (trial, name, at, error, sticky) → whether the call was reached ------------------

def init(trial, name, at, error, sticky):
    """A store is there whole or not at all, whatever --init said."""
    house, failing = trial.house, Failing(trial.house, name, at, error, sticky)
    config = house.config(name).with_name(f"{name}-new.cfg")
    text = house.config(name).read_text(encoding="utf-8")
    config.write_text(text.replace(f"store/{name}", f"store/{name}-new"), encoding="utf-8")
    program = house.program_of(name)
    ran = house.run(program, "-c", str(config), "--init", may_fail=True,
                    env={**os.environ, **failing.env})
    failing.must_end_well(ran.returncode, ran.stderr)
    again = house.run(program, "-c", str(config), "--init", may_fail=True)
    if again.returncode not in (0, 73) or (ran.returncode == 0 and again.returncode == 0):
        raise Violation(f"{failing.what}: --init ended with {ran.returncode}, the next with "
                        f"{again.returncode}: {again.stderr}")
    checked = house.run(program, "-c", str(config), "--check").stdout
    if "meta rows=0" in checked:
        raise Violation(f"{failing.what}: a store that belongs to nobody: {checked}")
    shutil.rmtree(house.folder / "store" / f"{name}-new")
    return failing.struck


def run(trial, name, at, error, sticky):
    """From start to stop under load. Whatever it ends with, it is started again and goes on."""
    house, failing = trial.house, Failing(trial.house, name, at, error, sticky)
    if trial.chance.random() < 0.5:
        trial.kill(name)
    else:
        house.stop(name)
    house.ended.add(name)
    house.start(name, ready=False, env=failing.env)
    trial.load.grant(LOAD)
    until_answered(trial, name, failing)
    try:
        status = house[name].stop()
    except subprocess.TimeoutExpired as late:
        raise Violation(f"{failing.what}: it does not stop") from late
    failing.must_end_well(status, house[name].text(house[name].mark))
    trial.restart(name)
    trial.all_ready()
    return failing.struck


def until_answered(trial, name, failing):
    """Until all is known, or the process has ended, or nothing of it works any more."""
    load = trial.load
    deadline = WAIT_S * 2
    try:
        trial.house[name].wait_ready()
    except PartnershipError:  # it does not come to that
        return
    while load.known < load.granted and trial.house[name].running and \
            not (failing.struck and failing.sticky):
        with load.more:
            load.more.wait_for(lambda: load.known >= load.granted, 0.5)
        deadline -= 0.5
        if deadline < 0:
            raise LoadError(f"{failing.what}: it does not go on")


PLAYS = ((init, "police", INIT_CALLS), (init, "hub-a", INIT_CALLS), (run, "police", RUN_CALLS),
         (run, "hub-a", RUN_CALLS))


def every_call(trial):
    for play, name, _ in PLAYS:
        for error in ERRORS:
            for sticky in (False, True):
                at = 1
                while play(trial, name, at, error, sticky):
                    at += 1
                print(f"{play.__name__} {name} {error} sticky={sticky}: {at - 1} calls", flush=True)
                trial.struck += at - 1
                for agency in trial.house.agencies:
                    trial.settle_one(agency)


def fault(trial):
    trial.struck = 0
    if trial.count == 0:
        every_call(trial)
    for _ in range(trial.count):
        play, name, calls = trial.chance.choice(PLAYS)
        trial.struck += play(trial, name, trial.chance.randint(1, calls),
                             trial.chance.choice(ERRORS), trial.chance.random() < 0.5)
    trial.notes["struck"] = trial.struck


main("F7", fault, 20)
