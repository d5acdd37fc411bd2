"""A broker whose whole disk is gone, with messages waiting in it, loses nothing."""

from house import run, same

COUNT = 50


def behaviour(house):
    house.open()
    house.stop("housing")
    house.publish("police", *[house.event(number) for number in range(COUNT)])
    last = house.notice("police", COUNT - 1)
    house.until("at the hub", lambda: house.states("police", last) == {"housing": "at the hub"})
    house.kill("hub-a")
    house.wipe("hub-a")
    house.restart("hub-a")
    house.restart("housing")
    house.settle("police")
    same(house.numbers("housing"), list(range(COUNT)), "each once, in order")


run(behaviour)
