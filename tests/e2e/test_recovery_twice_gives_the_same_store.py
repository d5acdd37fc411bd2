"""An agent killed with -9 recovers into the same store each time: kith-check --same (I14) tells no
difference between what it held when it was killed and after each of two more such ends."""

import shutil
import subprocess

from house import run, same

COUNT = 8


def compare(house, one, other):
    """The exit status: 0 they hold the same, 1 they do not."""
    return subprocess.run([house.built("kith-check"), "--same", f"{one}={other}"],
                          capture_output=True, text=True, timeout=60).returncode


def behaviour(house):
    house.open()
    house.publish("police", *[house.event(number) for number in range(COUNT)])
    house.settle()
    house.stop("hub-a")  # nothing new comes: what changes now, the recovery has changed
    before = house.folder / "store" / "housing"
    copies = []
    for turn in range(3):
        house.kill("housing")
        copies.append(house.folder / f"killed-{turn}")
        shutil.copytree(before, copies[-1])
        house.restart("housing")
    same([compare(house, copies[0], copy) for copy in copies], [0, 0, 0], "each is as the first")
    same(compare(house, copies[0], house.folder / "store" / "police"), 1, "another store is not")


run(behaviour)
