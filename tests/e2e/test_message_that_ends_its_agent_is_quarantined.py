"""A message whose handling ends the recipient's agent does so four times and no more: then it is
quarantined whole, its origin and a person are told, and all others have gone on."""

from house import holds, run, same

ENDS = 1 + 3  # unawares, then counted
CRASH_BUG = 100


def ended_and_started(house):
    house["housing"].wait_exit()
    holds(house["housing"].process.returncode < 0, "a signal has ended it")
    house.restart("housing")


def behaviour(house):
    house.plant("housing", CRASH_BUG)
    house.open()
    house.ended.add("housing")
    house.publish("police", house.event(0), {**house.event(1), "kind": "crash"}, house.event(2))
    for _ in range(ENDS):
        ended_and_started(house)
    house.settle("police")
    same(house.numbers("housing"), [0, 2], "all but that one, in order")
    same(house.states("police", house.notice("police", 1)), {"housing": "quarantined"},
         "its outcome at its origin")
    same([task["reason"] for task in house.kith("housing", "inbox")
          if task["kind"] == "quarantined"], ["poison"], "a task for a person")


run(behaviour)
