"""What waits at the hub for a recipient whose sealing key has changed cannot be opened; its origin
seals it anew, and it is delivered once."""

from house import run, same


def behaviour(house):
    house.open()
    house.stop("housing")
    notice = house.publish_one("police", 1)
    house.until("at the hub", lambda: house.states("police", notice) == {"housing": "at the hub"})
    house.change_key("housing", "sealing")
    house.reload("hub-a", "police")
    house.restart("housing")
    house.settle("police")
    same(house.states("police", notice), {"housing": "delivered"}, "in the end")
    same(house.numbers("housing"), [1], "once")


run(behaviour)
