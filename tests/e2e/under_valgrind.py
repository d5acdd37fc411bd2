"""Runs one end-to-end test with the broker and the agents under valgrind. What valgrind finds ends
the process with another status than 0, which the test's own end reports, with what was said.

Usage: KITH_BIN=build/release /usr/bin/python3 -B tests/e2e/under_valgrind.py TEST.py
Example: KITH_BIN=build/release /usr/bin/python3 -B tests/e2e/under_valgrind.py \
             tests/e2e/test_referral_is_accepted.py
Needs a build without sanitizers.
"""

import os
import runpy
import sys
import tempfile
from pathlib import Path

# Without suppressions: there is nothing to suppress.
VALGRIND = "valgrind --quiet --error-exitcode=97 --leak-check=full --errors-for-leak-kinds=definite"
PROGRAMS = {"kith": "", "kith-agent": VALGRIND, "kith-broker": VALGRIND}


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        sys.exit(0 if sys.argv[1:] in (["--help"], ["-h"]) else 64)
    real = Path(os.environ["KITH_BIN"]).resolve()
    with tempfile.TemporaryDirectory(prefix="kith-valgrind-") as folder:
        programs = Path(folder, "bin")
        programs.mkdir()
        for name, wrapped in PROGRAMS.items():
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {wrapped} {real}/bin/{name} "$@"\n',
                               encoding="utf-8")
            program.chmod(0o755)
        os.environ["KITH_BIN"] = folder
        test, sys.argv = sys.argv[1], sys.argv[1:]
        sys.path.insert(0, str(Path(__file__).resolve().parent))
        runpy.run_path(test, run_name="__main__")


main()
