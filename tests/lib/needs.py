#!/usr/bin/python3
"""What a test needs of the machine beside packages: `need("fuse")` at its beginning.

When that is missing the test fails and says what to do. A run that is meant to go without it says
so, `scripts/test --without=fuse`: then the test is not held, prints so and passes, and the run's
closing lines name what it went without.

Usage: needs.py NAME[,NAME…]   refuses (64) a name that no test needs, with the list
Example: needs.py fuse,netns
"""

import ctypes
import os
import sys

CLONE_NEWNET = 0x40000000


def is_root():
    return os.geteuid() == 0


def has_fuse():
    return is_root() and opens("/dev/fuse")


def has_loop():
    return is_root() and opens("/dev/loop-control")


def has_netns():
    """Tried in a child: the namespace is gone with it."""
    if not is_root():
        return False
    child = os.fork()
    if child == 0:
        os._exit(ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0)
    return os.waitpid(child, 0)[1] == 0


def opens(path):
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


NEEDS = {  # name → whether it is there, and what it is
    "root": (is_root, "the rights of root"),
    "fuse": (has_fuse, "root and /dev/fuse: file systems of our own"),
    "loop": (has_loop, "root and /dev/loop-control: file systems in a file"),
    "netns": (has_netns, "root and network namespaces: a network of its own"),
}


def need(*names):
    """Goes on only when all of them are here; else ends this program as the run wants it."""
    given = [name for name in names if name in os.environ.get("KITH_WITHOUT", "").split(",")]
    if given:
        print(f"not held, without: {' '.join(given)}")
        sys.exit(0)
    missing = [name for name in names if not NEEDS[name][0]()]
    if missing:
        lines = [f"missing: {name} ({NEEDS[name][1]})" for name in missing]
        sys.exit("\n".join([*lines, "run where it is there, or leave out what needs it: "
                            f"scripts/test --without={','.join(missing)}"]))


def main(text):
    unknown = [name for name in text.split(",") if name not in NEEDS]
    if unknown:
        print(f"--without={text}: no test needs `{unknown[0]}`; what one may go without:",
              file=sys.stderr)
        for name, (_, what) in NEEDS.items():
            print(f"  {name:6} {what}", file=sys.stderr)
        return 64
    return 0


if __name__ == "__main__":
    if sys.argv[1:] in ([], ["-h"], ["--help"]):
        print(__doc__)
        sys.exit(0 if sys.argv[1:] else 64)
    sys.exit(main(sys.argv[1]))
