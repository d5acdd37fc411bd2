"""Disks of our own under the stores of a partnership, one a process. Needs root.

All mounts are in a mount namespace of this program: they are gone with it, however it ends.
"""

import ctypes
import os
import subprocess
import threading

from trial import House  # first: it knows where the next one is
from partnership import WITH_US

CLONE_NEWNS = 0x20000


def private_mounts():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def preload(library):
    """The environment in which a program has it; of a bare name this build's own."""
    ours = os.path.join(os.environ["KITH_BIN"], "tests", "faults", library)
    return {"LD_PRELOAD": os.path.abspath(ours) if "/" not in library else library,
            "ASAN_OPTIONS": "verify_asan_link_order=0"}


class LosingDisk:
    """One kithlose: it loses what was not synced when its power is cut."""

    def __init__(self, backing, mount):
        self.backing, self.mount = backing, mount
        self.changed = threading.Condition()
        backing.mkdir()
        mount.mkdir()
        self.begin()

    def begin(self):
        program = os.path.join(os.environ["KITH_BIN"], "tests", "faults", "kithlose")
        self.process = subprocess.Popen(
            [*WITH_US, program, str(self.backing), str(self.mount)], stdout=subprocess.PIPE,
            text=True, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})  # libfuse's own
        if self.process.stdout.readline() != "mounted\n":
            raise OSError(f"kithlose does not mount {self.mount}")

    @property
    def on(self):
        return self.process.poll() is None

    def cut_at(self, change, seed):
        """Within that change from now on; seed: what of the unsynced survives, 0: nothing."""
        os.setxattr(self.mount, "user.cut", f"{change} {seed}".encode())

    def tell_end(self, condition):
        """Wakes who waits there once the power is cut."""
        def wait(process):
            process.wait()
            with condition:
                condition.notify_all()
        threading.Thread(target=wait, args=(self.process,), daemon=True).start()

    def cut(self):
        """Now, if it has not been; done when this returns."""
        if self.on:
            self.process.terminate()
        if self.process.wait() != 0:
            raise OSError(f"kithlose ended with {self.process.returncode}")


class LosingHouse(House):
    """Every store on a losing disk. env: for the brokers and the agents."""

    def __init__(self, env=None, **options):
        private_mounts()
        super().__init__(**options)
        self.env = env or {}
        (self.folder / "backing").mkdir()
        self.disks = {name: LosingDisk(self.folder / "backing" / name, self.folder / "store" / name)
                      for name in [*self.agencies, *self.broker_ids]}

    def start(self, name, ready=True, env=None):
        return super().start(name, ready, {**self.env, **(env or {})})

    def close(self, keep=False):
        for program in self.programs.values():
            program.close()
        for disk in self.disks.values():
            disk.cut()
        super().close(keep)
