"""What the agreement does not let an agency send is refused before it is stored, and says why."""

from house import holds, run, same


def behaviour(house):
    house.open()
    ran = house.try_publish("police", house.event(1, topic="private"))
    same(ran.returncode, 77, "a topic of a class that no clause names")
    ran = house.try_publish("police", house.event(2, topic="no-such-topic"))
    same(ran.returncode, 65, "a topic that is not there")
    holds("no-such-topic" in ran.stderr, "it is named")
    house.settle("police")
    same(house.feed("housing"), [], "nothing has arrived")


run(behaviour)
