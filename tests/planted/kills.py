#!/usr/bin/python3
"""Planted bugs must be seen (docs/RELIABILITY.md). Exit 1 with a line for each that is not.

  kills.py sim KITH-SIM             replays each kill seed: with its bug it fails (or, when a change
                                    of the code has moved it, one of the first 200 does), without
                                    it is clean
  kills.py sim KITH-SIM --hunt      looks for the first seed that sees each (10,000 at most) and
                                    writes them to kills.tsv; --bug N: for one only
  kills.py units FOLDER             unit tests on the planted libraries: each fails with its bug and
                                    passes without
  kills.py table [--write]          is the table in docs/RELIABILITY.md what is in the files, and
                                    has each number a place? --write: makes it so

Example: tests/planted/kills.py sim build/release/bin/kith-sim --hunt
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs/RELIABILITY.md"
KILLS = HERE / "kills.tsv"
SEEDS_MAX = 10000
MOVED_MAX = 200
ROOMS = ("agents", "base", "broker", "io", "tests/lib", "tests/sim")
HEADING = "## The planted bugs\n"


def rows(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def bugs():
    """number: (name, [what sees it])"""
    return {int(number): (name, seen_by.split())
            for number, name, seen_by in rows(HERE / "bugs.tsv")}


def kills():
    """number: (seed, what was said)"""
    return {int(number): (int(seed), said) for number, seed, said in rows(KILLS)}


def of_sim():
    return [number for number, (_, seen_by) in bugs().items() if "sim" in seen_by]


# ---- the simulator ----

def play(sim, *options):
    return subprocess.run([sim, *options], capture_output=True, text=True)


def hunt_one(sim, number, first, last):
    """(seed, what was said), or None."""
    done = play(sim, "--bug", str(number), "--hunt", "--seeds", f"{first}..{last}")
    found = re.match(r"(\d+) (.+)", done.stdout)
    died = re.search(r"ended by a bug in seed 0*(\d+)", done.stderr)
    if done.returncode == 0 and found:
        return int(found[1]), found[2]
    if died:
        return int(died[1]), "a process ended by a failed assertion"
    return None


def pool(work, items):
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return list(workers.map(work, items))


def hunt(sim, wanted):
    known = kills()
    numbers = [number for number in of_sim() if wanted in (None, number)]

    def one(number):
        return number, hunt_one(sim, number, 1, SEEDS_MAX)

    for number, found in pool(one, numbers):
        known.pop(number, None)
        if found:
            known[number] = found
    lines = ["# number\tfirst seed that sees it, of those from 1 on\twhat is said then"]
    lines += [f"{number}\t{seed}\t{said}" for number, (seed, said) in sorted(known.items())]
    KILLS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [f"bug {number}: not seen in {SEEDS_MAX} seeds: the judge is blind to it"
            for number in numbers if number not in known]


def replay(sim):
    known = kills()
    wrong = [f"bug {number}: no kill seed: hunt for it" for number in of_sim()
             if number not in known]

    def with_bug(number):
        seed = known[number][0]
        if hunt_one(sim, number, seed, seed) or hunt_one(sim, number, 1, MOVED_MAX):
            return None
        return f"bug {number}: neither seed {seed} sees it nor the first {MOVED_MAX}: hunt again"

    def without(seed):
        done = play(sim, "--seed", str(seed))
        return None if done.returncode == 0 else f"seed {seed}: fails without a bug"

    wrong += pool(with_bug, sorted(known))
    wrong += pool(without, sorted({seed for seed, _ in known.values()}))
    return [one for one in wrong if one]


# ---- unit tests on the planted libraries ----

def units(folder):
    wrong = []
    seen = [(number, test) for number, (_, seen_by) in bugs().items() for test in seen_by]
    for number, test in seen:
        if not test.startswith("unit."):
            continue
        program = Path(folder, f"test_{test[len('unit.'):]}-planted")
        for bug, passes in ((0, True), (number, False)):
            done = subprocess.run([program], env={**os.environ, "KITH_PLANTED_BUG": str(bug)},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if (done.returncode == 0) != passes:
                wrong.append(f"{test}: {'fails without a bug' if passes else 'blind to bug'} {bug}")
    return wrong


# ---- the table ----

def places():
    """number: files"""
    found = {}
    for room in ROOMS:
        for path in sorted(Path(ROOT, room).rglob("*.c")):
            for number in re.findall(r"KITH_BUG\((\d+)\)", path.read_text(encoding="utf-8")):
                found.setdefault(int(number), []).append(path.relative_to(ROOT).as_posix())
    return found


def table():
    where, known = places(), kills()
    lines = ["| bug | what it does wrong | planted in | seen by | first seed | what is said |",
             "|---|---|---|---|---|---|"]
    for number, (name, seen_by) in sorted(bugs().items()):
        seed, said = known.get(number, ("–", "–"))
        files = ", ".join(f"`{file}`" for file in dict.fromkeys(where.get(number, ())))
        seen = ", ".join("`kith-sim`" if one == "sim" else f"`{one}`" for one in seen_by)
        lines.append(f"| {number} | {name} | {files} | {seen} | {seed} | {said} |")
    return "\n".join(lines) + "\n"


def check_table(write):
    wrong = [f"KITH_BUG({number}): not in bugs.tsv" for number in places() if number not in bugs()]
    wrong += [f"bug {number}: planted nowhere" for number in bugs() if number not in places()]
    page = PAGE.read_text(encoding="utf-8")
    made = re.sub(rf"({HEADING}.*?\n)\| bug \|.*?\n(?=\n)", lambda match: match[1] + table(), page,
                  flags=re.S)
    if write:
        PAGE.write_text(made, encoding="utf-8")
    elif made != page or table() not in page:
        wrong.append("docs/RELIABILITY.md: its table is not this: tests/planted/kills.py table "
                     "--write")
    return wrong


def main(what, *rest):
    if what == "sim" and "--hunt" in rest:
        wanted = int(rest[rest.index("--bug") + 1]) if "--bug" in rest else None
        wrong = hunt(rest[0], wanted)
    elif what == "sim":
        wrong = replay(rest[0])
    elif what == "units":
        wrong = units(rest[0])
    elif what == "table":
        wrong = check_table("--write" in rest)
    else:
        sys.exit(__doc__)
    print("\n".join(wrong + [f"{what}: {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if len(sys.argv) > 1 else 64)
    sys.exit(main(*sys.argv[1:]))
