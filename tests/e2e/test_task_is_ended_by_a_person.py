"""What waits at the front door and belongs to no family is ended by a person, and stays so."""

from house import holds, run, same


def behaviour(house):
    house.open()
    notice = house.publish_one("police", 1)
    house.settle("police")
    same([task["kind"] for task in house.kith("housing", "inbox")], ["front-door"], "it waits")
    ended = house.ask("housing", "done", notice, "--why", "names no family")
    same(ended["ended"], 1, "ended")
    same(house.kith("housing", "inbox"), [], "nothing waits")
    again = house.try_kith("housing", "done", notice)
    same(again.returncode, 66, "nothing is left to end")
    holds("no such task" in again.stderr, "and it says so")


run(behaviour)
