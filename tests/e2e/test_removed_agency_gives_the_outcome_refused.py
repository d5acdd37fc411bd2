"""What is owed to an agency that leaves the partnership becomes refused, with a task for a person;
the others notice nothing."""

from house import holds, run, same


def behaviour(house):
    house.open("hub-a", "police", "housing")
    household = house.household("police", team=("housing", "social-care"), settled=False)
    notice = house.publish_one("police", 1, household=household)
    house.until("delivered to the other", lambda: house.states("police", notice)["housing"]
                == "delivered")
    house.extra["social-care"], house.version = "left = true;", 2
    house.write_partnership()
    house.reload("hub-a", "police", "housing")
    house.until("refused", lambda: house.states("police", notice)["social-care"] == "refused")
    tasks = [task for task in house.kith("police", "inbox")
             if task["agency"] == "social-care"]
    holds(tasks, "a task tells a person")
    house.settle("police")
    same(house.numbers("housing"), [1], "the other has it")


run(behaviour, agencies=("police", "housing", "social-care"))
