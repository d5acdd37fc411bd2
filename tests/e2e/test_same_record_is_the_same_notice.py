"""A record published again is the same notice, after a kill too; other content is refused."""

from house import holds, run, same


def behaviour(house):
    house.open()
    first = house.publish_one("police", 1)
    same(house.publish("police", house.event(1))["already"], 1, "asked again")
    house.kill("police")
    house.restart("police")
    same(house.publish("police", house.event(1))["already"], 1, "after a kill")
    same(house.notice("police", 1), first, "its id")
    refused = house.try_publish("police", house.event(1, narrative="something else"))
    same(refused.returncode, 65, "other content under the same record id")
    holds(refused.stderr, "the refusal says what is wrong")
    house.settle("police")
    same(house.numbers("housing"), [1], "delivered once")


run(behaviour)
