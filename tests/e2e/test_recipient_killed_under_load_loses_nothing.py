"""A recipient killed with -9 while it is receiving has, in the end, everything once, in order."""

import threading

from house import run, same

COUNT = 300


def behaviour(house):
    house.open()
    events = [house.event(number) for number in range(COUNT)]
    publishing = threading.Thread(target=house.publish, args=("police", *events))
    publishing.start()
    for _ in range(3):
        house.watch("housing").wait_count(40)
        house.kill("housing")
        house.restart("housing")
    publishing.join()
    house.settle("police")
    same(house.numbers("housing"), list(range(COUNT)), "each once, in order")


run(behaviour)
