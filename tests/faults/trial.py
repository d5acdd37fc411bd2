"""One trial: a partnership of five agencies under load, a fault that strikes it again and again,
and the judgement at its end.

A file fNN_WHAT.py holds one fault: `def fault(trial): …` strikes trial.count times, and `main`
makes it a program (--help says how it is used). Every trial ends alike: everything runs and is
connected, all that is owed gets its outcome, every process stops, and what the clients were told is
compared with what the agencies have.

The status says what was found: 0 nothing, 1 a violation (each on a line of its own), 2 the trial
itself could not be held.
"""

import argparse
import json
import os
import random
import re
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from house import CANARY, WAIT_S, House, PartnershipError  # noqa: E402
from load import WINDOW, History, Load, LoadError, api  # noqa: E402

AGENCIES = ("police", "housing", "social-care", "health", "youth-justice")
BROKERS = ("hub-a", "hub-b")
RESEND = 'resend = { urgent = "1s"; normal = "1s"; max = "2s"; };\n'
EACH = 60           # requests granted a strike
FOUND, BROKEN = 1, 2
CHECK_FIRST = "until --check ends well"


class Violation(Exception):
    """A promise that was not kept."""


class Trial:
    def __init__(self, options, brokers=None, **house_options):
        self.count, self.seed, self.planted = options.count, options.seed, options.planted
        self.chance = random.Random(self.seed)
        brokers = brokers or BROKERS[:self.chance.choice((1, 2))]
        self.house = House(agencies=AGENCIES, brokers=brokers, settings=RESEND, **house_options)
        self.history = History(self.house.folder / "history.jsonl")
        self.load = None
        self.checks = 0  # a start that wanted --check first
        self.violations = []
        if self.planted:
            for program in ("kith-broker", "kith-agent"):
                self.house.bin[program] += "-planted"
            os.environ["KITH_PLANTED_BUG"] = str(self.planted)

    @property
    def names(self):
        return [*self.house.agencies, *self.house.broker_ids]

    def open(self):
        """All run, and one household has every agency in its team."""
        self.house.open()
        household = self.house.household(AGENCIES[0], team=AGENCIES)
        self.load = Load(self.house, AGENCIES, household, CANARY, self.history, self.seed)

    def some_load(self, held_up=0):
        """Grants the load of one strike and waits until a chance part of it has its answer.
        held_up: clients whose agent may answer nothing just now."""
        before = self.load.granted
        self.load.grant(EACH)
        self.load.wait(before + self.chance.randint(0, EACH) - WINDOW * (held_up + 1), self.look)

    def look(self):
        for name in self.names:
            self.see_running(name)

    # ---- processes ---------------------------------------------------------------------------

    def kill(self, name):
        self.see_running(name)
        self.house.kill(name)
        self.history("kill", node=name)

    def restart(self, name):
        """At once, and not waited for: the next strike may meet it while it starts."""
        self.house.start(name, ready=False)
        self.house.ended.discard(name)

    def lose(self, name):
        """The whole store of a process that was killed, as a dead disk takes it."""
        self.house.wipe(name)
        self.history("lost", node=name, epoch=self.house.epochs.get(name))

    def see_running(self, name):
        """A process that ended without being told to is a violation. One that was killed while it
        read its store after a kill wants a person's --check first, and then runs."""
        program = self.house[name]
        if program.running:
            return
        said = program.text(program.mark)
        if program.process.returncode != 70 or CHECK_FIRST not in said:
            raise Violation(f"{name} ended by itself with {program.process.returncode}:\n"
                            f"{said[-3000:]}")
        checked = self.house.run(self.house.program_of(name), "-c", str(self.house.config(name)),
                                 "--check", may_fail=True)
        if checked.returncode:
            raise Violation(f"{name} --check: {checked.returncode}\n{checked.stderr}")
        self.checks += 1
        self.restart(name)

    def all_ready(self):
        self.look()
        for name in self.names:
            try:
                self.house[name].wait_ready()
            except PartnershipError:
                self.see_running(name)
                self.house[name].wait_ready()

    # ---- the end -----------------------------------------------------------------------------

    def settle(self):
        """All that is owed has its outcome, within the time a person would wait for it."""
        self.all_ready()
        self.load.end(self.look)
        for agency in AGENCIES:
            ran = self.house.try_kith(agency, "settle", "--timeout",
                                      f"{10 if self.planted else WAIT_S}s", timeout=WAIT_S + 30)
            if ran.returncode:
                raise Violation(f"{agency} does not settle: {ran.stderr.strip()}")

    def judge(self):
        """What the clients were told, against every agency's feed."""
        self.history.close()
        with open(self.house.folder / "history.jsonl", encoding="utf-8") as lines:
            told = [json.loads(line) for line in lines]
        answers = [one for one in told if one["event"] == "answer"]
        for agency in AGENCIES:
            found = Counter(self.feed_ids(agency))
            for notice, times in found.items():
                if times > 1:
                    self.violations.append(f"I3: {agency} has {notice} {times} times")
            for one in answers:
                if agency in (one["agency"], *one["recipients"]) and one["id"] not in found:
                    self.violations.append(f"I1: {agency} never got {one['id']} of {one['agency']}")

    def feed_ids(self, agency):
        after = 0
        while True:
            response = self.load.ask(agency, feed=api.FeedRequest(after=after, limit=1000)).feed
            yield from (entry.id.hex() for entry in response.entries)
            if not response.more:
                return
            after = response.cursor

    def result(self, name, seconds):
        return {"fault": name, "strikes": self.count, "seed": self.seed,
                "submits": self.load.known if self.load else 0, "checks": self.checks,
                "violations": len(self.violations), "seconds": round(seconds, 1)}


def hold(fault, trial):
    """The whole trial, and what it found."""
    try:
        trial.open()
        fault(trial)
        trial.settle()
        trial.judge()
        trial.house.check_end()
    except (Violation, LoadError, PartnershipError) as found:
        trial.violations.append(str(found))


def main(name, fault, count, **options):
    """Runs one trial as a program. The last line printed is its result, in JSON."""
    given = arguments(fault.__doc__ or sys.modules["__main__"].__doc__, count)
    began = time.monotonic()
    trial = Trial(given, **options)
    print(f"{name} --count {given.count} --seed {given.seed} in {trial.house.folder}", flush=True)
    try:
        hold(fault, trial)
        for violation in trial.violations:
            print(f"violation: {violation}")
        keep = given.keep or trial.violations and not given.planted
        if keep:
            print(f"kept: {trial.house.folder}")
        trial.house.close(keep=keep)
    except Exception:
        traceback.print_exc()
        trial.house.close()
        sys.exit(BROKEN)
    print(json.dumps(trial.result(name, time.monotonic() - began)))
    sys.exit(FOUND if trial.violations else 0)


def arguments(description, count):
    program = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        prog=program, description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"example: KITH_BIN=build/asan python3 -B tests/faults/{program} --count {count}")
    parser.add_argument("--count", type=int, default=count,
                        help="how often it strikes (%(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32),
                        help="of what is left to chance here; the order of events is the machine's")
    parser.add_argument("--planted", type=int, default=0, metavar="BUG",
                        help="on the programs with this bug of tests/planted/bugs.tsv")
    parser.add_argument("--keep", action="store_true", help="keep the partnership's folder")
    return parser.parse_args()
