"""A broker killed with -9 several times while events stream through loses none, repeats none."""

import threading

from house import run, same

COUNT = 400


def behaviour(house):
    house.open()
    watcher = house.watch("housing")
    events = [house.event(number) for number in range(COUNT)]
    publishing = threading.Thread(target=house.publish, args=("police", *events))
    publishing.start()
    for seen in (1, 60, 150):
        watcher.wait_count(seen)
        house.kill("hub-a")
        house.restart("hub-a")
    publishing.join()
    house.settle("police")
    same(house.numbers("housing"), list(range(COUNT)), "each once, in order")


run(behaviour)
