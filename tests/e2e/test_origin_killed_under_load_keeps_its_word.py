"""An agent killed with -9 while it is published to: asked again with the same tokens it repeats
nothing, and whatever it had called stored arrives."""

import threading

from house import run, same

COUNT = 200


def behaviour(house):
    house.open()
    watcher = house.watch("housing")
    drafts = [house.draft(number) for number in range(COUNT)]
    for seen in (1, 80):
        publishing = threading.Thread(target=house.publish, args=("police", *drafts),
                                      kwargs={"may_fail": True})
        publishing.start()
        watcher.wait_count(seen)
        house.kill("police")
        publishing.join()
        house.restart("police")
    answers = house.publish("police", *drafts)
    same(len({answer["id"] for answer in answers}), COUNT, "ids, one for each token")
    house.settle("police")
    same(house.numbers("housing"), list(range(COUNT)), "each once, in order")


run(behaviour)
