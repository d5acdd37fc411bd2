"""Whatever is wrong in a configuration file ends a start with status 78 and one line
`FILE:LINE: what and what to do`; nothing is made or half started."""

import os
import re
import subprocess

from house import PartnershipError, holds, run, same

TAKEN_S = 10  # a program that has not ended by then has taken the file

RULE = 'rules = ( { name = "r"; proposes = "early-help"; within = "30d"; %s } );'
EXPECTED = """calendars = ( { id = "days"; zone = "Europe/London"; opens = "08:00";
  closes = "17:00"; days = [ "mon" ]; holidays = [ "2026-12-25" ]; } );
expected = ( { name = "e"; topic = "call-out"; from = "police"; to = [ "housing" ]; by = "%s";
  calendar = "%s"; } );"""

# what is wrong · the file · what stands there · what stands there instead
CASES = (
    ("unknown setting", "hub-a.cfg", "liveness", "lifeness"),
    ("wrong type", "hub-a.cfg", 'liveness = "1s"', "liveness = 1"),
    ("no unit", "hub-a.cfg", '"1GiB"', '"1GiBs"'),
    ("not a duration", "hub-a.cfg", '"1s"', '"soon"'),
    ("missing setting", "hub-a.cfg", 'listen = "', '# listen = "'),
    ("missing file", "hub-a.cfg", "partnership.cfg", "no-such.cfg"),
    ("missing keys", "hub-a.cfg", "keys/hub-a", "keys/hub-z"),
    ("a broker that is not in the file", "hub-a.cfg", '"hub-a";', '"hub-z";'),
    ("no endpoint", "hub-a.cfg", "tcp://", "tcp:/"),
    ("not libconfig", "hub-a.cfg", "store = {", "store = {{"),
    ("twice the same", "hub-a.cfg", "liveness =", 'liveness = "2s"; liveness ='),
    ("an include", "hub-a.cfg", "broker =", '@include "other.cfg"\nbroker ='),
    ("a big number", "hub-a.cfg", 'liveness = "1s"', "liveness = 99999999999999999999"),
    ("not UTF-8", "hub-a.cfg", "hub-a", "hub-\udcff"),
    ("an agency that is not in the file", "agents/police.cfg", '"police"', '"polite"'),
    ("a broker that is not in the file", "agents/police.cfg", '"hub-a"', '"hub-z"'),
    ("no brokers", "agents/police.cfg", '[ "hub-a" ]', "[ ]"),
    ("a user without a name", "agents/police.cfg", 'name = "duty"; ', ""),
    ("a uid that is none", "agents/police.cfg", "uid = ", "uid = -7"),
    ("a map that is too small", "agents/police.cfg", '"1GiB"', '"1KiB"'),
    ("no store", "agents/police.cfg", "store = ", "# store = "),
    ("a key that is no key", "partnership.cfg", 'key = "', 'key = "x'),
    ("a key listed twice", "partnership.cfg", None, None),
    ("a state that is none", "partnership.cfg", '"current"', '"fresh"'),
    ("no front door", "partnership.cfg", 'front_door = "housing"', 'front_door = "nobody"'),
    ("a member listed twice", "partnership.cfg", 'id = "housing"', 'id = "police"'),
    ("a topic listed twice", "partnership.cfg", 'name = "arrest"', 'name = "call-out"'),
    ("a type that is none", "partnership.cfg", 'type = "event"', 'type = "gossip"'),
    ("a lane that is none", "partnership.cfg", 'lane = "urgent"', 'lane = "fast"'),
    ("a class nobody uses", "partnership.cfg", 'classes = [ "event"', 'classes = [ "evnt"'),
    ("an epoch of nothing", "partnership.cfg", "epoch = 1", "epoch = 0"),
    ("no version", "partnership.cfg", "version = 1;", ""),
    *((what, "partnership.cfg", "subscriptions = (", more + "\nsubscriptions = (")
      for what, more in (
          ("a cost by the week", 'unit_costs = ( { code = "x"; per = "week"; pence = 1; } );'),
          ("a rule that always holds", RULE % ""),
          ("a rule that can never hold", RULE % "notices = 3; agencies = 3;"),
          ("a rule over a topic that is none", RULE % 'notices = 3; topics = [ "gossip.*" ];'),
          ("a window of hours", RULE.replace("30d", "30h") % "notices = 3;"),
          ("an hour that does not exist", EXPECTED % ("25:00", "days")),
          ("an hour of no calendar", EXPECTED % ("08:30", "school-days")),
          ("a date that does not exist", EXPECTED.replace("2026-12-25", "2026-02-30")
           % ("08:30", "days")),
          ("a need of no days", 'underlap = { not_accepted_in = "0d"; '
                                'asked_twice_within = "30d"; };'))),
)


def spoil(house, name, old, new):
    """The text with the mistake in it."""
    text = (house.folder / name).read_text()
    if old is None:  # one key for two agencies
        keys = [house.public[agency]["signing"] for agency in ("police", "housing")]
        old, new = keys[1], keys[0]
    holds(old in text, f"{name} has {old!r}")
    return text, text.replace(old, new, 1)


def try_case(house, what, name, old, new):
    path = house.folder / name
    text, spoiled = spoil(house, name, old, new)
    path.write_text(spoiled, encoding="utf-8", errors="surrogateescape")
    reader = "hub-a" if name == "hub-a.cfg" else "police"
    try:
        ran = house.run(house.program_of(reader), "-c", str(house.config(reader)), may_fail=True,
                        timeout=TAKEN_S)
    except subprocess.TimeoutExpired:
        raise PartnershipError(f"{what} in {name} was taken: it runs") from None
    path.write_text(text)
    same(ran.returncode, 78, f"{what}: {ran.stderr!r}")
    lines = ran.stderr.splitlines()
    same(len(lines), 1, f"{what}: lines on stderr {lines!r}")
    holds(re.match(r"(\S+: )?\S*\.cfg:\d+: \S", lines[0]), f"{what}: FILE:LINE: {lines[0]!r}")


def behaviour(house):
    house.init("hub-a")
    house.init("police")
    for case in CASES:
        try_case(house, *case)
    for mode, path in ((0o644, "keys/police/signing.key"), (0o755, "store/police")):
        os.chmod(house.folder / path, mode)
        ran = house.run("kith-agent", "-c", str(house.config("police")), may_fail=True)
        same(ran.returncode, 78, f"mode {mode:o} of {path}: {ran.stderr!r}")
        os.chmod(house.folder / path, 0o600 if path.endswith("key") else 0o700)


run(behaviour)
