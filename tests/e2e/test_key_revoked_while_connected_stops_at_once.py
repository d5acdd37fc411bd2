"""A key revoked in the partnership file stops its agency at once, though it stays connected; what
it sends stays "stored here", and the others notice nothing."""

from house import run, same


def behaviour(house):
    house.open()
    house.publish("police", house.event(1))
    house.settle("police")
    house.change_key("police", "transport")
    house.reload("hub-a", "housing")
    notice = house.publish_one("police", 2)
    house["police"].wait_line("denied")
    same(house.states("police", notice), {"housing": "stored here"}, "the revoked one")
    house.publish("housing", house.event(3))
    house.settle("housing")
    same(house.numbers("housing"), [1], "nothing of it arrived after the revocation")


run(behaviour, agencies=("police", "housing", "social-care"))
