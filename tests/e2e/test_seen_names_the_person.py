"""An acknowledgement comes back to the origin with the person's name and time."""

from house import holds, run, same


def behaviour(house):
    house.open()
    notice = house.publish_one("police", 1)
    house.settle("police")
    house.kith("housing", "seen", notice)
    house.settle("housing")
    state = house.ask("police", "show", notice)["recipients"][0]
    same((state["state"], state["seen_by"]), ("seen", "duty"), "who saw it")
    holds("seen" in state, "and when")
    again = house.try_kith("housing", "seen", notice)
    same(again.returncode, 65, "seen once is seen")
    holds("duty has seen it at" in again.stderr, "by whom, and when")


run(behaviour)
