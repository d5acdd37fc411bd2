#!/usr/bin/python3
"""Breaks a line of the cores at random, again and again, and says which breaks no test sees.

  mutate.py [--count N] [--seed S]     N changes (40) of agents/core, broker/broker_core and policy:
                                       a condition negated, a statement dropped, a bound off by one

Works on a copy in a scratch folder. Each change is built and tried by the unit tests of the cores
and by kith-sim --seeds 1..200; one that does not compile is not counted. A change that survives may
be one that changes nothing: a person looks. Not part of scripts/test: about a minute a change.

Example: nice tests/planted/mutate.py --count 10 --seed 7
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("agents/core/*.c", "broker/broker_core*.c", "broker/policy.c")
TESTS = ("core_*", "broker_core_*", "policy")
LEFT_ALONE = re.compile(r"KITH_ASSERT|KITH_BUG|^\s*(/\*|\*|#|return|case|else|for)|\bconst\b")


def negated(line):
    return re.sub(r"^(\s*(?:\} else )?if \()(.+)(\)(?: \{)?)$", r"\1!(\2)\3", line)


def dropped(line):
    return re.sub(r"^( {4,})(?:CORE_TRY\(.+\)|[a-z_>\-.\[\]]+(?:\(.*\)| [+\-|]?= .+|\+\+|--));$",
                  r"\1;", line)


def off_by_one(line):
    for old, new in ((" <= ", " < "), (" >= ", " > "), (" + 1", ""), (" < ", " <= "),
                     (" > ", " >= ")):
        if old in line:
            return line.replace(old, new, 1)
    return line


def places(root):
    for room in ROOMS:
        for path in sorted(root.glob(room)):
            for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
                for change in (negated, dropped, off_by_one):
                    made = line if LEFT_ALONE.search(line) else change(line)
                    if made != line:
                        yield path, number, change.__name__, made


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def copy(folder):
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split("\0")
    for file in filter(None, files):
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, target)


def seen_by(folder, programs):
    """The first that sees it; "" when none does, None when it does not compile."""
    build = folder / "build/release"
    if run("ninja", "-C", build, "-j2", *programs, "kith-sim").returncode:
        return None
    for program in programs:
        try:
            if run(build / "tests/unit" / program, timeout=120).returncode:
                return program
        except subprocess.TimeoutExpired:
            return program
    try:
        sim = run(build / "bin/kith-sim", "--hunt", "--seeds", "1..200", timeout=600)
        return "" if sim.returncode == 1 else "kith-sim"
    except subprocess.TimeoutExpired:
        return "kith-sim"


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=40)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        copy(folder)
        programs = sorted({path.stem for name in TESTS
                           for path in folder.glob(f"tests/unit/test_{name}.c")})
        subprocess.run(["cmake", "--preset", "release", "-DBUILD_TESTING=yes"], cwd=folder,
                       stdout=subprocess.DEVNULL, check=True)
        if seen_by(folder, programs) != "":
            sys.exit("the tests fail, or do not build, before anything is changed")
        return judge(folder, programs, random.Random(asked.seed), asked.count)


def judge(folder, programs, dice, count):
    candidates = list(places(folder))
    dice.shuffle(candidates)
    tried = survived = 0
    for path, number, what, made in candidates:
        if tried == count:
            break
        before = path.read_text(encoding="utf-8")
        lines = before.split("\n")
        was, lines[number] = lines[number], made
        path.write_text("\n".join(lines), encoding="utf-8")
        found = seen_by(folder, programs)
        path.write_text(before, encoding="utf-8")
        if found is None:
            continue
        tried += 1
        survived += not found
        print(f"{path.relative_to(folder)}:{number + 1}: {what}: {was.strip()}: "
              f"{'seen by ' + found if found else 'SURVIVED'}", flush=True)
    print(f"{tried} changes, {tried - survived} seen, {survived} not")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
