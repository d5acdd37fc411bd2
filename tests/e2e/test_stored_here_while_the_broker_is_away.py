"""With no broker there an event is "stored here"; once one is back it is delivered."""

from house import run, same


def behaviour(house):
    house.open("police", "housing")
    notice = house.publish_one("police", 1)
    same(house.states("police", notice), {"housing": "stored here"}, "with the broker away")
    house.open("hub-a")
    house.settle("police")
    same(house.states("police", notice), {"housing": "delivered"}, "with the broker back")
    same(house.numbers("housing"), [1], "the recipient's feed")


run(behaviour)
