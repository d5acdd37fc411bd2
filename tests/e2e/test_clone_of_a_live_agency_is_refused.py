"""A copy of a running agency's store and keys, started elsewhere, never works beside it: one of the
two is refused as a clone, and the broker raises the alarm."""

import shutil

from house import run, same


def behaviour(house):
    house.open()
    house.publish("police", house.event(1))
    house.settle("police")
    house.stop("police")
    shutil.copytree(house.folder / "store" / "police", house.folder / "store" / "copy")
    house.restart("police")
    text = house.config("police").read_text()
    house.write("agents/copy.cfg", text.replace("store/police", "store/copy")
                .replace("police.sock", "copy.sock"))
    house.ended.add("copy")
    house.start("copy")
    house["hub-a"].wait_line("clone")
    house.publish("housing", house.event(2))
    house.settle("housing")
    same(house.numbers("housing", "police"), [1], "nothing came twice")


run(behaviour)
