"""F6: the disk of an agency or of a broker fills up, to within a number of 4 KiB blocks chosen by
chance, and is freed again; with --count 0 to each of them, from none to twice the reserve. While
less than the reserve is free, what is normal is refused with its reason or waits at its origin, and
what is urgent goes on as long as a quarter of it is free. Nobody ends, nothing is lost, and when
there is room again all goes on by itself. A file system of its own (ext4) for each of the two."""

import errno
import os
import subprocess

from disks import private_mounts
from trial import EACH, House, Violation, api, kith, main, need

BLOCK = 4096
DISK = 64 << 20
RESERVE = 1 << 20  # as the house configures it
NAMES = ("police", "hub-a")
LOAD = EACH // 3
LOW = {"police": " disk-low ", "hub-a": " normal_fits=0 "}  # what they say of it
ROOM = {"police": " disk-has-room ", "hub-a": " normal_fits=1 "}


class SmallHouse(House):
    """The stores of these two on small disks."""

    def __init__(self, **options):
        private_mounts()
        super().__init__(**options)
        self.mounts = {name: self.folder / "store" / name for name in NAMES}
        for name, mount in self.mounts.items():
            image = self.folder / f"{name}.ext4"
            with open(image, "wb") as file:
                file.truncate(DISK)
            tool("mkfs.ext4", "-q", "-m", "0", "-b", str(BLOCK), str(image))
            mount.mkdir()
            tool("mount", "-o", "loop", str(image), str(mount))
            mount.chmod(0o700)

    def free(self, name):
        disk = os.statvfs(self.mounts[name])
        return disk.f_bavail * disk.f_frsize

    def fill(self, name, blocks):
        """Until so many are free. Its process may take some meanwhile: then less is tried."""
        size, step = 0, self.free(name) - blocks * BLOCK
        with open(self.mounts[name] / "filler", "wb") as file:
            while step >= BLOCK:
                try:
                    os.posix_fallocate(file.fileno(), size, step)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    step //= 2
                    continue
                size += step
                step = self.free(name) - blocks * BLOCK

    def empty(self, name):
        (self.mounts[name] / "filler").unlink(missing_ok=True)

    def said(self, name, words):
        return self[name].text(self[name].mark).count(words)

    def is_low(self, name):
        """By its own words."""
        return self.said(name, LOW[name]) > self.said(name, ROOM[name])

    def close(self, keep=False):
        for program in self.programs.values():
            program.close()
        for mount in self.mounts.values():
            tool("umount", str(mount))
        super().close(keep)


def tool(*command):
    subprocess.run(command, check=True, capture_output=True)


def ask_one(trial, topic):
    """What the agency answers to one submit of its own."""
    trial.asked_count += 1
    token = f"full-{trial.asked_count}".encode()
    draft = api.Draft(topic=topic, household=trial.load.household, event=kith.Event(
        kind=topic, occurred_ms=1767607200000, narrative=f"{trial.canary} the disk is full",
        source=kith.Reference(system="full", id=str(trial.asked_count))))
    trial.history("submit", agency="police", token=token.hex(), topic=topic)
    answer = trial.load.ask("police", submit=api.SubmitRequest(token=token, draft=draft))
    if answer.status == api.STATUS_OK:  # one that was refused is not asked again
        trial.history("answer", agency="police", token=token.hex(), status="ok",
                      id=answer.submit.id.hex(), recipients=list(answer.submit.recipients))
    return answer


def full(trial, name, blocks):
    """What holds while no more is free. Room within the store's own file counts, too: so a store
    that has let go of much goes on as if nothing were the matter."""
    house, notes = trial.house, trial.notes
    house.fill(name, blocks)
    trial.load.grant(LOAD)
    normal = ask_one(trial, "call-out")
    if normal.status == api.STATUS_FULL and name == "police" and "disk" in normal.what:
        notes["refused"] += 1
    elif normal.status != api.STATUS_OK:
        raise Violation(f"{blocks} blocks of {name} are free, and the answer is {normal}")
    if house.free(name) >= RESERVE // 2:
        end = trial.load.ask("housing", feed=api.FeedRequest(limit=1)).feed.total
        urgent = ask_one(trial, "concern")
        if urgent.status != api.STATUS_OK:
            raise Violation(f"{blocks} blocks of {name} are free; to what is urgent: {urgent}")
        trial.load.until_in_feed("housing", urgent.submit.id, end)
        notes["urgent_while_low"] += house.is_low(name)


def strike(trial, name, blocks):
    house = trial.house
    trial.all_ready()
    full(trial, name, blocks)
    trial.look()
    low, has_room = house.is_low(name), house.said(name, ROOM[name])
    trial.notes["low"] += low
    house.empty(name)
    if low:
        house[name].wait_line(ROOM[name], times=has_room + 1)
    trial.load.wait(trial.load.granted, trial.look)


def fault(trial):
    trial.asked_count = 0
    trial.notes.update(low=0, refused=0, urgent_while_low=0)
    every = [(name, blocks) for name in NAMES for blocks in range(2 * RESERVE // BLOCK)]
    for name, blocks in every if trial.count == 0 else trial.chance.sample(every, trial.count):
        strike(trial, name, blocks)
    if trial.notes["low"] == 0:
        raise RuntimeError("no disk was ever low: the fault did not strike")


need("loop")
main("F6", fault, 16, house=SmallHouse, brokers=("hub-a",))
