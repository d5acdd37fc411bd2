"""What names a household goes to its team; a linked reference names it as well as the id does."""

from house import run, same


def behaviour(house):
    house.open()
    household = house.household("police", team=("social-care",))
    house.kith("police", "household", "link", household, "test/P-1")
    by_id, by_reference = house.publish("police", house.draft(1, household=household),
                                        house.draft(2, about=("P-1",)))
    same(by_id["recipients"], ["social-care"], "recipients by household")
    same(by_reference["recipients"], ["social-care"], "recipients by linked reference")
    house.settle("police")
    same(house.numbers("social-care"), [1, 2], "the team's feed")


run(behaviour, agencies=("police", "housing", "social-care"))
