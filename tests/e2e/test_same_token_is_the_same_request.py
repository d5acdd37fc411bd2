"""The same token gives the same id, after a restart too; with other content it is refused."""

from house import holds, run, same


def behaviour(house):
    house.open()
    first = house.publish("police", house.draft(1))[0]
    again = house.publish("police", house.draft(1))[0]
    same((again["id"], again["repeat"]), (first["id"], True), "asked again")
    house.kill("police")
    house.restart("police")
    same(house.publish("police", house.draft(1))[0]["id"], first["id"], "after a restart")
    other = {**house.draft(2), "token": house.draft(1)["token"]}
    refused = house.try_publish("police", other)
    same(refused.returncode, 65, "other content under that token")
    holds("token" in refused.stderr, "the refusal says what is wrong")
    house.settle("police")
    same(house.numbers("housing"), [1], "delivered once")


run(behaviour)
