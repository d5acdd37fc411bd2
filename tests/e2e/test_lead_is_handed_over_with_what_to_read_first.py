"""The lead of a household is handed over: the successor is asked to read first, and sees what
nobody there has acknowledged, also after a restart. When the lead's agency leaves the partnership,
everyone around the family is told once that a lead is wanted, until there is one again."""

from house import CANARY, holds, run, same


def tasks(house, agency, kind):
    return [task for task in house.kith(agency, "inbox") if task["kind"] == kind]


def show(house, agency, household):
    return house.ask(agency, "household", "show", household)


def lead(house, agency, household, successor, *more):
    house.kith(agency, "household", "lead", household, successor, "--role", "family worker", *more)
    house.settle(agency)


def lines(house, agency):
    return [entry["flags"] for entry in house.feed(agency) if entry["kind"] == "orphaned"]


def behaviour(house):
    house.open()
    household = house.household("police", team=("housing", "social-care"))
    lead(house, "police", household, "police")
    house.publish("social-care", house.event(1, "concern", household=household),
                  house.event(2, "concern", household=household))
    house.settle("social-care")
    house.kith("housing", "seen", house.notice("housing", 1, "social-care"))
    refused = house.try_kith("police", "household", "lead", household, "housing", "--role",
                             "family worker")
    same(refused.returncode, 65, "without a word to read first")
    holds("read-first" in refused.stderr, "what is missing is said")
    lead(house, "police", household, "housing", "--reason", CANARY, "--read-first",
         f"{CANARY} the plan")
    house.kill("housing")
    house.restart("housing")
    (task,) = tasks(house, "housing", "read-first")
    same(task["reason"], f"{CANARY} the plan (not acknowledged here: 1; tasks open: 0)", "the task")
    view = show(house, "housing", household)
    same([one["id"] for one in view["unacknowledged"]], [house.notice("housing", 2, "social-care")],
         "what nobody has acknowledged")
    same(view["lead"]["read_first"], f"{CANARY} the plan", "what to read first")

    house.extra["housing"] = "left = true;"
    house.version += 1
    house.write_partnership()
    house.reload("police", "social-care", "hub-a")
    for agency in ("police", "social-care"):
        house.until("a lead is wanted", lambda: tasks(house, agency, "lead-wanted"))
        same(show(house, agency, household)["lead_wanted"], "left-partnership", "why")
        same(lines(house, agency), [["urgent"]], "an urgent line")
    house.kill("police")
    house.restart("police")
    house.publish_one("police", 3)  # its start has looked again by then
    same(lines(house, "police"), [["urgent"]], "told once")
    lead(house, "police", household, "social-care")
    for agency in ("police", "social-care"):
        same(tasks(house, agency, "lead-wanted"), [], "there is one again")
        same(show(house, agency, household)["orphaned"], False, "not any more")


run(behaviour, agencies=("police", "housing", "social-care"), front_door="social-care")
