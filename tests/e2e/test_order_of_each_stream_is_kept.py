"""Each stream keeps its order, through a restart of every process; urgent may only overtake."""

from house import run, same


def behaviour(house):
    house.open()
    house.stop("housing")
    events = [house.event(number, topic="concern" if number % 3 == 0 else "call-out")
              for number in range(60)]
    house.publish("police", *events[:30])
    for name in ("police", "hub-a"):
        house.stop(name)
        house.restart(name)
    house.publish("police", *events[30:])
    house.restart("housing")
    house.settle("police")
    numbers = house.numbers("housing")
    same([number for number in numbers if number % 3], [n for n in range(60) if n % 3], "normal")
    same([number for number in numbers if not number % 3], list(range(0, 60, 3)), "urgent")


run(behaviour)
