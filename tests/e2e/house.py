"""What every end-to-end test stands on: a partnership of its own, and the checks at its end.

A test file holds one behaviour: `def behaviour(house): …` and `run(behaviour)`. It waits for an
event (a log line, a `kith watch` entry, an agent's own answer) with a deadline, never for a time.
At the end of each run:
  - every process that the test did not end itself still runs, and then stops with 0 on SIGTERM;
  - no log holds a canary (every text a test writes has one) or a sanitizer's report.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "lib"))

from partnership import ROOT, Partnership, PartnershipError, find_program  # noqa: E402

WAIT_S = 60  # a bound for what takes milliseconds, with sanitizers on a busy machine
CANARY = "CANARY-7f3a"
REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|LeakSanitizer|Assertion|assertion failed")

TOPICS = (  # name, class, type, lane: few, and one class that no clause lets anybody send
    ("call-out", "event", "event", "normal"), ("arrest", "event", "event", "normal"),
    ("concern", "safeguarding", "event", "urgent"), ("private", "private", "event", "normal"),
    ("referral", "referral", "referral", "normal"),
    ("referral-answer", "referral", "referral-answer", "normal"),
    ("alert", "alert", "alert", "urgent"), ("reply", "alert", "reply", "urgent"),
    ("alert-change", "alert", "alert-change", "urgent"),
    ("disagreement", "referral", "disagreement", "normal"),
    ("household", "household", "household", "normal"), ("seen", "household", "seen", "normal"),
    ("assessment", "household", "assessment", "normal"), ("plan", "household", "plan", "normal"),
    ("small-help", "household", "small-help", "normal"),
    ("directory", "directory", "directory", "normal"))
EXPIRES = {"alert": 'expires = "7d";'}
CLASSES = ("event", "safeguarding", "referral", "alert", "household", "directory")
AGENCIES = {"police": "Police", "housing": "Housing", "social-care": "Social Care",
            "health": "Health", "youth-justice": "Youth Justice", "early-help": "Early Help"}


def body_for(agencies):
    """Everyone may send everything but `private`, and subscribe to everything."""
    topics = ",\n".join(
        f'{{ name = "{name}"; class = "{kind}"; type = "{body}"; lane = "{lane}"; '
        f'{EXPIRES.get(name, "")} }}' for name, kind, body, lane in TOPICS)
    classes = ", ".join(f'"{kind}"' for kind in CLASSES)
    may = ",\n".join(f'{{ agency = "{agency}"; topics = [ "*" ]; }}' for agency in agencies)
    return f"""topics = (
{topics}
);
clauses = ( {{ id = "1"; classes = [ {classes} ]; from = [ "*" ]; to = [ "*" ]; }} );
subscriptions = (
{may}
);
"""


class House(Partnership):
    """Police and housing at one broker, housing the front door, unless the test says other."""

    def __init__(self, agencies=("police", "housing"), brokers=("hub-a",), front_door="housing",
                 liveness="1s", **options):
        super().__init__(os.environ["KITH_BIN"], {name: AGENCIES[name] for name in agencies},
                         brokers, front_door=front_door, liveness=liveness,
                         body=body_for(agencies), **options)
        self.ended = set()  # programs that the test ended itself
        self.watchers = []
        self.planted = {}  # program → the number of its bug

    def plant(self, name, bug):
        """From its next start on it runs with this bug (tests/planted/bugs.tsv)."""
        self.planted[name] = str(bug)
        self.programs.pop(name, None)

    def built(self, program):
        """The path of a program that only tests use."""
        self.bin[program] = find_program(os.environ["KITH_BIN"], program)
        return self.bin[program]

    def program_of(self, name):
        program = super().program_of(name)
        if name in self.planted:
            program += "-planted"
            self.built(program)
        return program

    def start(self, name, ready=True, env=None):
        bug = {"KITH_PLANTED_BUG": self.planted[name]} if name in self.planted else {}
        return super().start(name, ready, {**bug, **(env or {})})

    def run(self, program, *arguments, env=None, **options):
        """Without the search for leaks at its end, which takes as long as all before it: what the
        commands leave is looked for by their unit tests, and by the programs that go on running."""
        env = dict(env or os.environ)
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        return super().run(program, *arguments, env=env, **options)

    def open(self, *names):
        """Makes the stores of these, or of all, and starts them."""
        for name in names or [*self.broker_ids, *self.agencies]:
            self.init(name)
        if not names:
            self.start_all()
        for name in names:
            self.start(name)

    def kill(self, name):
        self.ended.add(name)
        self[name].kill()

    def stop(self, name):
        self.ended.add(name)
        status = self[name].stop()
        same(status, 0, f"{name} stops cleanly on SIGTERM")

    def restart(self, name):
        self.start(name)
        self.ended.discard(name)

    def change_key(self, agency, kind):
        """A new key of this kind, in its folder and the (next) partnership file; the one before is
        revoked there."""
        folder = self.folder / "keys" / f"{agency}-next"
        old = dict(self.public[agency])
        self.make_keys(agency, folder)
        os.replace(folder / f"{kind}.key", self.folder / "keys" / agency / f"{kind}.key")
        self.public[agency] = {**old, kind: self.public[agency][kind]}
        self.revoked[agency, kind] = old[kind]
        self.version += 1
        self.write_partnership()

    def reload(self, *names, word=" reloaded"):
        """SIGHUP, and what the last of them said to it."""
        for name in names:
            since = self[name].position()
            self[name].signal(signal.SIGHUP)
            said = self[name].wait_line(word, since)
        return said

    def write(self, name, text):
        """A file of the house, by its path in it."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    # ---- what people do ----------------------------------------------------------------------

    def event(self, number, topic="call-out", about=(), source="test", **more):
        """A line for `kith publish`, with a canary in its text. Its record id is its token."""
        return {"topic": topic, "kind": topic, "occurred": "2026-01-05T10:00:00Z",
                "narrative": f"{CANARY} event {number}",
                "about": [{"system": "test", "id": one, "role": "tenant"} for one in about],
                "source": {"system": source, "id": str(number)}, **more}

    def publish(self, agency, *events, **options):
        """What `kith publish` says of them all: published, already, refused."""
        lines = "".join(json.dumps(event) + "\n" for event in events)
        return self.ask(agency, "publish", "-", input=lines, **options)

    def try_publish(self, agency, *events):
        lines = "".join(json.dumps(event) + "\n" for event in events)
        return self.try_kith(agency, "publish", "-", input=lines)

    def publish_one(self, agency, number, **more):
        """Its notice id."""
        self.publish(agency, self.event(number, **more))
        return self.notice(agency, number)

    def notice(self, agency, number, origin=None):
        """The id of the event with this number, from the agency's own feed."""
        for entry in self.feed(agency):
            if entry["origin"] == (origin or agency) and number_of(entry) == number:
                return entry["id"]
        raise PartnershipError(f"event {number} is not in the feed of {agency}")

    def numbers(self, agency, origin="police"):
        """The event numbers in an agency's feed, in their order of arrival."""
        return [number_of(entry) for entry in self.feed(agency)
                if entry["origin"] == origin and number_of(entry) is not None]

    def recipients(self, agency, notice):
        return sorted(self.states(agency, notice))

    def states(self, agency, notice):
        """recipient → state of one of the agency's own notices."""
        shown = self.ask(agency, "show", notice)
        return {one["agency"]: one["state"] for one in shown["recipients"]}

    def settle(self, *agencies):
        """Until nothing of theirs is owed."""
        for agency in agencies or self.agencies:
            self.kith(agency, "settle", "--timeout", f"{WAIT_S}s", timeout=WAIT_S + 10)

    def household(self, agency="police", team=(), settled=True):
        """Opened by this agency, with a team. Its id, once everybody around it knows (settled)."""
        made = self.ask(agency, "household", "open", "--name", f"{CANARY} the family",
                        "--reason", CANARY, *(["--team", ",".join(team)] if team else []))
        if settled:
            self.settle(agency)
        return made["id"]

    def watch(self, agency, after=0):
        """All that comes into its feed after this place."""
        watcher = Watcher(self.command(agency, "watch", "--after", after))
        self.watchers.append(watcher)
        return watcher

    def until(self, what, condition, timeout=WAIT_S):
        """Asks again until it holds: each asking waits for the agent's own answer."""
        deadline = time.monotonic() + timeout
        while True:
            held = condition()
            if held:
                return held
            if time.monotonic() > deadline:
                raise PartnershipError(f"not within {timeout} s: {what}")

    # ---- the end -----------------------------------------------------------------------------

    def check_end(self):
        for watcher in self.watchers:
            watcher.close()
        problems = []
        for name, program in self.programs.items():
            if name in self.ended:
                continue
            if not program.running:
                problems.append(f"{name} ended by itself with {program.process.returncode}")
            elif program.stop() != 0:
                problems.append(f"{name} ended with {program.process.returncode} on SIGTERM")
        for name, program in self.programs.items():
            said = program.text()
            if CANARY in said:
                problems.append(f"the log of {name} holds what people wrote")
            report = REPORT.search(said)
            if report:
                problems.append(f"{name}: {said[report.start():][:3000]}")
        if problems:
            raise PartnershipError("\n".join(problems))


class Watcher:
    """`kith watch`, read by a thread: every entry it has printed."""

    def __init__(self, argv):
        self.entries, self.more, self.ended = [], threading.Condition(), False
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self.more:
                self.entries.append(json.loads(line))
                self.more.notify_all()
        with self.more:
            self.ended = True
            self.more.notify_all()

    def wait(self, what, condition, timeout=WAIT_S):
        """The first entry for which the condition holds."""
        with self.more:
            found = self.more.wait_for(lambda: next(filter(condition, self.entries), None), timeout)
        if found is None:
            raise PartnershipError(f"watch never showed {what}: {self.entries}")
        return found

    def wait_count(self, count, timeout=WAIT_S):
        """The entries, once there are at least so many."""
        with self.more:
            if not self.more.wait_for(lambda: len(self.entries) >= count, timeout):
                raise PartnershipError(f"watch showed {len(self.entries)} entries, not {count}")
            return list(self.entries)

    def wait_count_or_end(self, count):
        """The same, or until the watch has ended because its agent has."""
        with self.more:
            self.more.wait_for(lambda: len(self.entries) >= count or self.ended, WAIT_S)

    def close(self):
        self.process.kill()
        self.process.wait()


def number_of(entry):
    match = re.search(r" event (\d+)", entry["summary"])
    return int(match.group(1)) if match else None


def same(found, wanted, what):
    if found != wanted:
        raise PartnershipError(f"{what}: found {found!r}, not {wanted!r}")


def holds(condition, what):
    if not condition:
        raise PartnershipError(f"does not hold: {what}")


def run(behaviour, kind=House, **options):
    """Runs one behaviour in a house of its own. Prints every log when it fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    house = kind(**options)
    try:
        behaviour(house)
        house.check_end()
    except (Exception, SystemExit):
        for name, program in house.programs.items():
            print(f"---- {name}\n{program.text()[-6000:]}", file=sys.stderr)
        raise
    finally:
        house.close()
    print(f"{Path(sys.argv[0]).stem}: ok")
