"""A household is closed with the family's own word, once nothing is open; what comes afterwards is
flagged and waits for who led it, and it is reopened."""

from house import CANARY, holds, run, same


def tasks(house, agency):
    return [task["kind"] for task in house.kith(agency, "inbox")]


def close(house, household, *more):
    return house.try_kith("housing", "household", "close", household, "--outcome", "goals-reached",
                          *more)


def behaviour(house):
    house.open()
    household = house.household("police", team=("housing",))
    house.kith("police", "household", "lead", household, "housing", "--role", "family worker")
    referral = house.ask("police", "refer", "--to", "housing", "--household", household,
                         "--need", CANARY, "--service", "tenancy support", "--basis",
                         "public-task")["id"]
    house.settle("police")
    same(close(house, household, "--need-met", "yes").returncode, 65, "a referral is open")
    holds("declines or closes it" in close(house, household, "--need-met", "yes").stderr,
          "it is named")
    house.kith("housing", "decline", referral, "--reason", "not-ours", "--next-step", "the council")
    same(close(house, household).returncode, 65, "without the family's word")
    same(close(house, household, "--need-met", "yes").returncode, 0, "closed")
    house.settle("housing")
    house.publish("police", house.event(1, household=household))
    house.settle("police")
    entry = [one for one in house.feed("housing") if one["kind"] == "event"][0]
    same(entry["flags"], ["household-closed"], "flagged")
    holds("household-closed" in tasks(house, "housing"), "it waits")
    same(house.ask("police", "household", "show", household)["lead_wanted"], "closed",
         "a closure without a successor")
    house.kith("police", "household", "reopen", household, "--reason", CANARY)
    house.settle("police")
    same(tasks(house, "housing"), [], "nothing waits any more")


run(behaviour)
