"""An agency that lost its whole store starts with a raised epoch and is sent again what others hold
for it: what it had not receipted, and what it had, marked `again`."""

from house import holds, run, same


def behaviour(house):
    house.open()
    house.publish("police", *[house.event(number) for number in range(10)])
    house.settle("police")
    house.kill("housing")
    house.publish("police", *[house.event(number) for number in range(10, 15)])
    house.epochs["housing"], house.version = 2, 2
    house.write_partnership()
    house.wipe("housing")
    house.reload("hub-a", "police")
    house.restart("housing")
    house.until("all are there", lambda: sorted(house.numbers("housing")) == list(range(15)))
    again = [entry for entry in house.feed("housing") if "again" in entry["flags"]]
    holds(len(again) >= 10, "what it had had before is marked `again`")
    house.settle("police")
    same(len(house.numbers("housing")), 15, "each once")


run(behaviour)
