"""An agency that subscribed to a topic receives its events; one that did not, does not."""

from house import run, same


def behaviour(house):
    house.open()
    house.kith("social-care", "subscribe", "call-out")
    house.settle("social-care")
    household = house.household("police")
    notice = house.publish_one("police", 1, household=household)
    same(house.recipients("police", notice), ["social-care"], "recipients")
    house.settle("police")
    same(house.numbers("social-care"), [1], "the subscriber's feed")
    same(house.numbers("health"), [], "the feed of one who did not subscribe")


run(behaviour, agencies=("police", "housing", "social-care", "health"))
