"""A referral that is declined comes back with the coded reason and what the referrer can do."""

from house import CANARY, run, same


def behaviour(house):
    house.open()
    household = house.household("police", team=("housing",))
    referral = house.ask("police", "refer", "--to", "housing", "--household", household,
                         "--need", CANARY, "--service", "tenancy support", "--reason", CANARY,
                         "--urgency", "green", "--basis", "public-task")["id"]
    house.settle("police")
    house.kith("housing", "decline", referral, "--reason", "not-our-tenant",
               "--next-step", "ask the council")
    house.settle("housing")
    state = house.ask("police", "show", referral)["referral"]
    same((state["step"], state["reason_code"], state["next_step"]),
         ("declined", "not-our-tenant", "ask the council"), "at the referrer")


run(behaviour)
