"""The control of F1: on programs in which a bug is planted, the same kills must end in a violation.
A harness that cannot fail proves nothing.

   3  receipts leave before the commit
  11  the origin frees its envelope when a hub has it
  14  numbers without receipt are not looked for at the start
  17  a client's token is forgotten
  21  a stream's mark is kept in memory only

Not among them: 1 (an answer leaves before the commit) was not met in 40 kills, 16 and 22 not in one
trial of 20 each; 2 (a hub's word leaves before the commit) gave no clear verdict."""

import subprocess
import sys
from pathlib import Path

BUGS = (3, 11, 14, 17, 21)
KILLS = "20"
TRIALS = 3  # each has its own chance to meet the moment
FOUND = 1


def found(bug):
    """The first violation; None when no trial saw any."""
    trial = Path(__file__).with_name("f01_killed.py")
    for _ in range(TRIALS):
        ran = subprocess.run([sys.executable, "-B", str(trial), "--planted", str(bug),
                              "--count", KILLS],
                             capture_output=True, text=True, check=False)
        if ran.returncode == FOUND:
            return next(line for line in ran.stdout.splitlines() if line.startswith("violation"))
        if ran.returncode != 0:
            sys.exit(f"bug {bug}: the trial could not be held\n{ran.stdout}{ran.stderr}")
    return None


def main():
    missed = []
    for bug in BUGS:
        violation = found(bug)
        print(f"bug {bug}: {violation or 'not seen'}", flush=True)
        if violation is None:
            missed.append(bug)
    sys.exit(f"these planted bugs were not seen: {missed}" if missed else 0)


main()
