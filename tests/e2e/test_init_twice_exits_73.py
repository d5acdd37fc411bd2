"""--init makes a store once; where one is, it ends with 73 and leaves it alone."""

from house import run, same


def behaviour(house):
    house.open()
    house.publish("police", house.event(1))
    house.settle("police")
    for name in ("hub-a", "police"):
        house.stop(name)
        ran = house.run(house.program_of(name), "-c", str(house.config(name)), "--init",
                        may_fail=True)
        same(ran.returncode, 73, f"--init where {name} has a store")
        house.restart(name)
    same(house.publish("police", house.event(1))["already"], 1, "the store is the old one")


run(behaviour)
