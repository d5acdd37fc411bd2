"""`kith watch` prints each entry as it arrives, and from a cursor what came since."""

from house import run, same


def behaviour(house):
    house.open()
    watcher = house.watch("housing")
    house.publish("police", house.event(1))
    first = watcher.wait_count(1)[0]
    house.publish("police", house.event(2))
    second = watcher.wait_count(2)[1]
    same([first["origin"], second["origin"]], ["police", "police"], "who said it")
    later = house.watch("housing", after=first["seq"])
    same(later.wait_count(1)[0]["id"], second["id"], "from a cursor on")


run(behaviour)
