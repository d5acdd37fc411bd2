"""A first broker that comes back is published to again."""

from house import run, same


def publishing(house):
    brokers = house.ask("police", "status")["brokers"]
    return [broker["id"] for broker in brokers if broker["publishing"]]


def behaviour(house):
    house.open()
    house.until("hub-a first", lambda: publishing(house) == ["hub-a"])
    house.kill("hub-a")
    house.until("hub-b next", lambda: publishing(house) == ["hub-b"])
    house.publish("police", house.event(1))
    house.settle("police")
    house.restart("hub-a")
    house.until("hub-a again", lambda: publishing(house) == ["hub-a"])
    house.publish("police", house.event(2))
    house.settle("police")
    same(house.numbers("housing"), [1, 2], "each once")


run(behaviour, brokers=("hub-a", "hub-b"))
