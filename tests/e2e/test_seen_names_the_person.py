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
    holds("acknowledged it at" in again.stderr, f"when: {again.stderr}")
    holds("duty" not in again.stderr, "an error names no person")
    seen = house.ask("housing", "show", notice)["seen"]
    same([one["person"] for one in seen], ["duty"], "show says by whom")


run(behaviour)
