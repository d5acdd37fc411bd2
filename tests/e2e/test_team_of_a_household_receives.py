"""What names a household goes to its team; a linked reference names it as well as the id does."""

from house import run, same


def behaviour(house):
    house.open()
    household = house.household("police", team=("social-care",))
    house.kith("police", "household", "link", household, "test/P-1", "--why", "same address")
    by_id = house.publish_one("police", 1, household=household)
    by_reference = house.publish_one("police", 2, about=("P-1",))
    same(house.recipients("police", by_id), ["social-care"], "by household")
    same(house.recipients("police", by_reference), ["social-care"], "by linked reference")
    house.settle("police")
    same(house.numbers("social-care"), [1, 2], "the team's feed")


run(behaviour, agencies=("police", "housing", "social-care"))
