"""What the tests of build/coverage ran, a line for each room, and whether that is enough.

Usage: table.py CHECKOUT BUILD [missed]       e.g. table.py . build/coverage

With `missed`, and for each room that is below its floor: the lines that were not run, or whose
branches were not all taken.

Reads the counts with gcovr. Exits 1 when a room is below its floor, or a waiver gives no reason.
What is left out of the count, and nothing else:
  - the false branch of KITH_ASSERT: an assert is what cannot be false, so no test can take it;
  - the way past every case of a `switch` without `default`: by the house's rules that is one on an
    enum, and the compiler has seen that each value has its case;
  - what a waiver beside it names: a branch by `GCOVR_EXCL_BR_LINE: because …`, a line by
    `GCOVR_EXCL_LINE`, some by `GCOVR_EXCL_START` and `GCOVR_EXCL_STOP`;
  - what reads a mail: it runs in a child that may open no file, so it is written down nowhere.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ASSERTS = r".*\bKITH_ASSERT\(.*"
WAIVER = re.compile(r"GCOVR_EXCL_(LINE|BR_LINE|START)(?P<reason>: because \w)?")
SWITCH = re.compile(r"^(?P<indent>\s*)switch \(")
# room, the files it begins with, at least so many percent of the lines, of the branches
ROOMS = (
    ("base", r"base/", 99, 99),
    ("io", r"io/", 95, 87),
    ("broker core", r"broker/(broker_core|policy)", 100, 100),
    ("broker", r"broker/", 93, 78),
    ("agents/core", r"agents/core/", 100, 100),
    ("agents/work", r"agents/work/", 98, 92),
    ("agents/store", r"agents/store/", 90, 77),
    ("agents/api", r"agents/api/", 96, 82),
    ("agents/cli", r"agents/cli/", 94, 82),
    ("agents", r"agents/", 91, 73),
    ("web", r"web/", 92, 80),
    ("mail", r"mail/", 91, 74),
)
ALL = ("own code", r"", 96, 86)
SOURCES = ("base", "io", "broker", "agents", "web", "mail")
IN_THE_CHILD = re.compile(r"mail/(authres|html|kind|mime|quote|verdict)\.c")


class Count:
    """How many there are, and how many were run. An empty one is whole."""

    def __init__(self, numbers):
        numbers = list(numbers)
        self.all = len(numbers)
        self.run = sum(1 for number in numbers if number > 0)

    def percent(self):
        return 100 * self.run / self.all if self.all else 100

    def __str__(self):
        """Rounded down: 100.0 is all of them."""
        return f"{self.run:6}/{self.all:<6} {int(self.percent() * 10) / 10:5.1f}%"


def measure(checkout, build):
    """The lines of each own source, as gcovr counted them."""
    ran = subprocess.run(
        ["gcovr", "-j2", "--root", checkout, "--json", "--exclude-branches-by-pattern", ASSERTS,
         *(str(build / room) for room in SOURCES)], check=True, capture_output=True, text=True)
    files = {one["file"]: one["lines"] for one in json.loads(ran.stdout)["files"]}
    files = {name: [line for line in lines if not line["gcovr/noncode"]]
             for name, lines in files.items()
             if name.startswith(SOURCES) and not IN_THE_CHILD.match(name)}
    for name, lines in files.items():
        text = (checkout / name).read_text(encoding="utf-8").splitlines()
        for line in lines:
            drop_way_past(text, line)
    return files


def drop_way_past(text, line):
    """One branch of a `switch` without `default` that was not taken; a case missed is a second."""
    found = SWITCH.match(text[line["line_number"] - 1])
    if not found:
        return
    for after in text[line["line_number"]:]:
        if after.startswith(found["indent"] + "default:"):
            return
        if after.startswith(found["indent"] + "}"):
            break
    missed = [one for one in line["branches"] if one["count"] == 0]
    if missed:
        line["branches"].remove(missed[0])


def row(room, files):
    """A line of the table. True when the room is where it must be."""
    name, _, lines_min, branches_min = room
    lines = [line for one in files.values() for line in one]
    run = Count(line["count"] for line in lines)
    taken = Count(branch["count"] for line in lines for branch in line["branches"])
    well = run.percent() >= lines_min and taken.percent() >= branches_min
    print(f"{name:13} lines {run} (at least {lines_min})   "
          f"branches {taken} (at least {branches_min}){'' if well else '   BELOW'}")
    return well


def missed(files):
    """For whoever wants to write the test."""
    print("Not run, or not in every direction:")
    for name, lines in sorted(files.items()):
        numbers = [str(line["line_number"]) for line in lines
                   if line["count"] == 0 or any(one["count"] == 0 for one in line["branches"])]
        if numbers:
            print(f"  {name}: {' '.join(numbers)}")


def waivers(checkout):
    """How many lines are waived; a waiver without a reason ends the run."""
    count = 0
    for source in SOURCES:
        for path in sorted((checkout / source).rglob("*.[ch]")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                found = WAIVER.search(line)
                if found and not found["reason"]:
                    sys.exit(f"{path}:{number}: a waiver says why: `{found[0]}: because …`")
                count += bool(found)
    return count


def main(checkout, build, say_missed):
    files = measure(checkout, build)
    if not files:
        sys.exit(f"{build} has no counts: build it with the preset `coverage` and run its tests")
    waived, left, below = waivers(checkout), dict(files), {}
    for room in ROOMS:
        mine = {name: left.pop(name) for name in list(left) if re.match(room[1], name)}
        if not row(room, mine):
            below.update(mine)
    well = row(ALL, files)
    print("Not counted: the false branch of KITH_ASSERT, the way past a switch on an enum, and "
          f"what {waived} waivers in the sources name.")
    if say_missed or below:
        missed(files if say_missed else below)
    sys.exit(0 if well and not below else 1)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ["missed"]):
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), len(sys.argv) == 4)
