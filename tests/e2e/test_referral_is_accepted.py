"""A referral goes to one agency, which accepts it; the referrer sees that."""

from house import CANARY, run, same


def behaviour(house):
    house.open()
    household = house.household("police", team=("housing",))
    referral = house.ask("police", "refer", "--to", "housing", "--household", household,
                         "--need", CANARY, "--service", "tenancy support", "--reason", CANARY,
                         "--urgency", "amber", "--basis", "public-task")["id"]
    house.settle("police")
    house.kith("housing", "accept", referral, "--note", CANARY)
    house.settle("housing")
    same(house.ask("police", "show", referral)["referral"]["step"], "accepted", "at the referrer")


run(behaviour)
