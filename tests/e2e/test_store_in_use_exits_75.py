"""A second process on one store ends with 75; the first notices nothing."""

from house import run, same


def behaviour(house):
    house.open()
    for name in ("hub-a", "police"):
        ran = house.run(house.program_of(name), "-c", str(house.config(name)), may_fail=True)
        same(ran.returncode, 75, f"a second {name}")
    house.publish("police", house.event(1))
    house.settle("police")


run(behaviour)
