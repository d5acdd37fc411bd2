"""Stored here, at the hub, delivered, seen: each word when its commit is done, per recipient."""

from house import run, same


def behaviour(house):
    house.open("police", "housing")
    notice = house.publish_one("police", 1)
    same(house.states("police", notice), {"housing": "stored here"}, "no broker")
    house.stop("housing")
    house.open("hub-a")
    house.until("at the hub", lambda: house.states("police", notice) == {"housing": "at the hub"})
    house.restart("housing")
    house.settle("police")
    same(house.states("police", notice), {"housing": "delivered"}, "receipted")
    house.kith("housing", "seen", notice)
    house.settle("housing")
    same(house.states("police", notice), {"housing": "seen"}, "acknowledged by a person")


run(behaviour)
