"""An event that names no known household goes to the front door, flagged, and is linked there."""

from house import holds, run, same


def behaviour(house):
    house.open()
    notice = house.publish_one("police", 1, about=("P-1",))
    same(house.recipients("police", notice), ["housing"], "recipients")
    house.settle("police")
    entry = house.feed("housing", "--front-door")[0]
    holds("unknown-household" in entry["flags"], "flagged at the front door")
    household = house.household("housing")
    house.kith("housing", "household", "link", household, "test/P-1", "--why", "same address")
    found = [entry["id"] for entry in house.feed("housing", household)]
    same(notice in found, True, "linked into the household's feed")
    same(house.feed("housing", "--front-door"), [], "and gone from the front door")


run(behaviour)
