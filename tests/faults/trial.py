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
import subprocess
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "lib")]

from house import CANARY, WAIT_S, House, PartnershipError, same  # noqa: E402, F401
from needs import need  # noqa: E402, F401
from partnership import free_port  # noqa: E402, F401
from load import WINDOW, History, Load, LoadError, api, kith  # noqa: E402, F401

AGENCIES = ("police", "housing", "social-care", "health", "youth-justice")
BROKERS = ("hub-a", "hub-b")
RESEND = 'resend = { urgent = "1s"; normal = "1s"; max = "2s"; };\n'
EACH = 60           # requests granted a strike
FOUND, BROKEN = 1, 2
SETTLED_S = 600  # on a machine as busy as you like; the campaign prints what it took


class Violation(Exception):
    """A promise that was not kept."""


class Trial:
    def __init__(self, options, brokers=None, house=House, named=False,
                 prepare=None, **house_options):
        self.count, self.seed, self.planted = options.count, options.seed, options.planted
        self.chance = random.Random(self.seed)
        brokers = brokers or BROKERS[:self.chance.choice((1, 2))]
        self.canary = CANARY
        self.house = house(agencies=AGENCIES, brokers=brokers, settings=RESEND, **house_options)
        self.history = History(self.house.folder / "history.jsonl")
        self.load, self.named = None, named
        self.stuck_s = 10 if self.planted else WAIT_S
        self.violations, self.notes, self.judged, self.asked = [], {}, {}, []
        self.unjudged = set()  # brokers whose store still holds what came by another
        self.check = str(Path(os.environ["KITH_BIN"]).resolve() / "bin" / "kith-check")
        if prepare:
            prepare(self.house, self.count)
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
        self.load = Load(self.house, AGENCIES, household, CANARY, self.history, self.seed,
                         self.named)

    def some_load(self, held_up=0):
        """Grants the load of one strike and waits until a chance part of it has its answer.
        held_up: clients whose agent may answer nothing just now."""
        before = self.load.granted
        self.load.grant(EACH)
        self.load.wait(before + self.chance.randint(0, EACH) - WINDOW * (held_up + 1), self.look)

    def look(self):
        for name in self.names:
            self.see_running(name)

    def struck(self, kind, **more):
        """What was done, for who reads the history; the judge passes it over."""
        self.history("fault", kind=kind, **more)

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
        """A process that ended without being told to is a violation."""
        program = self.house[name]
        if not program.running:
            raise Violation(f"{name} ended by itself with {program.process.returncode}:\n"
                            f"{program.text(program.mark)[-3000:]}")

    def all_ready(self):
        self.look()
        for name in self.names:
            try:
                self.house[name].wait_ready()
            except PartnershipError:
                self.see_running(name)
                self.house[name].wait_ready()

    def stays(self, name, seconds):
        """So long, unless that process ends, which it must not."""
        try:
            self.house[name].wait_exit(seconds)
        except subprocess.TimeoutExpired:
            return
        self.see_running(name)

    def links_broken(self):
        said = [self.house[name].text() for name in self.house.agencies]
        return sum(text.count(" link-down ") + text.count(" redial ") for text in said)

    def must_have_broken(self):
        """A network fault that no agent ever noticed was none."""
        if self.links_broken() == 0:
            raise RuntimeError("no connection ever broke: the fault did not strike")

    # ---- the end -----------------------------------------------------------------------------

    def settle(self):
        """The last fault is over: all that is owed gets its outcome."""
        self.all_ready()
        self.history("healed")
        self.load.end(self.look)
        for agency in AGENCIES:
            self.settle_one(agency)
        for broker in sorted(set(self.house.broker_ids) - self.unjudged):
            self.settle_one(broker)
        self.history("settled")

    def settle_one(self, name):
        """Until it owes nothing. What is owed may take its time on a busy machine; that it stays
        as it is, longer than any pause, means that it will never end."""
        least, deadline = None, 0
        while True:
            owed = self.owed(name)
            if owed == 0:
                return
            if least is None or owed < least:
                least, deadline = owed, time.monotonic() + self.stuck_s
            elif time.monotonic() > deadline:
                raise Violation(f"I13: {name} still owes {owed}, and nothing has moved for "
                                f"{self.stuck_s} s")
            self.load.ask(AGENCIES[0], watch=api.WatchRequest(after=1 << 62, wait_ms=200))

    def owed(self, name):
        if name in self.house.broker_ids:
            return self.waiting(name)
        status = self.load.ask(name, status=api.StatusRequest()).agent
        return sum(one.stored_here + one.at_the_hub for one in status.owed)

    def waiting(self, broker):
        """Rows in its mailboxes: also copies of what its recipient has by another broker, which it
        hands over once that agent is back. Its store tells, read beside it."""
        ran = subprocess.run(["mdb_stat", "-s", "rows", self.house.folder / "store" / broker],
                             capture_output=True, text=True, check=False)
        entries = re.search(r"Entries: (\d+)\s*$", ran.stdout)
        if not entries:
            raise RuntimeError(f"mdb_stat: {ran.returncode}\n{ran.stderr}")
        return int(entries[1])

    def stopped(self):
        """Also what a trial that was broken off has left running."""
        for program in self.house.programs.values():
            if program.running:
                program.stop()
        return True

    def judge(self):
        """By kith-check: what the clients were told, and every store that is left."""
        self.history.close()
        folder = self.house.folder
        asked = ["--json", "--within", str(SETTLED_S), "--canary", CANARY,
                 "--history", str(folder / "history.jsonl")]
        for kind, names in (("agent", self.house.agencies), ("broker", self.house.broker_ids)):
            for name in set(names) - self.unjudged:
                asked += [f"--{kind}", f"{name}={folder / 'store' / name}"]
        for broker in self.house.broker_ids:
            asked += ["--dark", str(folder / "store" / broker / "data.mdb")]
        for log in (folder / "logs").iterdir():
            asked += ["--dark", str(log)]
        ran = subprocess.run([self.check, *asked, *self.asked], capture_output=True, text=True,
                             check=False)
        if ran.returncode not in (0, FOUND):
            raise RuntimeError(f"kith-check: {ran.returncode}\n{ran.stderr}")
        *found, counts = map(json.loads, ran.stdout.splitlines())
        self.violations += [f"{one['invariant']} {one['what']}\n{one['story']}" for one in found]
        self.judged = counts

    def result(self, name, seconds):
        return {"fault": name, "strikes": self.count, "seed": self.seed,
                "submits": self.load.known if self.load else 0, "judged": self.judged,
                "violations": len(self.violations), "seconds": round(seconds, 1), **self.notes}


def hold(fault, trial, bare):
    """The whole trial, and what it found."""
    try:
        if not bare:
            trial.open()
        fault(trial)
        if not bare:
            trial.settle()
        trial.house.check_end()
    except (Violation, LoadError, PartnershipError) as found:
        trial.violations.append(str(found))
    if trial.load and trial.stopped():
        trial.judge()


def main(name, fault, count, bare=False, **options):
    """Runs one trial as a program; bare: nothing is started and no load is under way. The last line
    printed is its result, in JSON."""
    given = arguments(fault.__doc__ or sys.modules["__main__"].__doc__, count)
    began = time.monotonic()
    trial = Trial(given, **options)
    print(f"{name} --count {given.count} --seed {given.seed} in {trial.house.folder}", flush=True)
    try:
        hold(fault, trial, bare)
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
