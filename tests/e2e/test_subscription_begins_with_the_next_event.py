"""A subscription made in the middle brings what is published from then on, and ends as plainly."""

from house import run, same


def behaviour(house):
    house.open()
    household = house.household("police", team=("housing",))
    for number, change in enumerate((None, "subscribe", "unsubscribe")):
        if change:
            house.kith("social-care", change, "concern")
            house.settle("social-care")
        house.publish("police", house.event(number, topic="concern", household=household))
        house.settle("police")
    same(house.numbers("social-care"), [1], "only what came between")


run(behaviour, agencies=("police", "housing", "social-care"))
