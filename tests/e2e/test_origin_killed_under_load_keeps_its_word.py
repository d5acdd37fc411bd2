"""An agent killed with -9 while it is published to: asked again with the same tokens it repeats
nothing, and whatever it had called stored arrives."""

import threading

from house import run, same

COUNT = 200


def behaviour(house):
    house.open()
    watcher = house.watch("housing")
    events = [house.event(number) for number in range(COUNT)]
    for seen in (1, 80):
        publishing = threading.Thread(target=house.publish, args=("police", *events),
                                      kwargs={"may_fail": True})
        publishing.start()
        watcher.wait_count(seen)
        house.kill("police")
        publishing.join()
        house.restart("police")
    said = house.publish("police", *events)
    same(said["published"] + said["already"], COUNT, "all are stored now")
    house.settle("police")
    same(house.numbers("housing"), list(range(COUNT)), "each once, in order")


run(behaviour)
