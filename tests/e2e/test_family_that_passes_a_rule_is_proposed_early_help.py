"""Three events by two agencies about one family that nobody leads: each agency that has them itself
proposes early help to its own people, once; naming a lead practitioner ends it. `kith load` has the
counts, the rule that is passed, and the need that nobody accepts; an event that a link files to the
family counts too. (The exercise's clock stands in for the days.)"""

import datetime

from house import run, same

RULES = """
rules = ( { name = "three-from-two"; proposes = "early-help"; notices = 3; agencies = 2;
  within = "30d"; } );
underlap = { not_accepted_in = "14d"; asked_twice_within = "30d"; };"""
PROPOSED = "early-help-proposed"


def behaviour(house):
    house.body += RULES
    house.write_partnership()
    house.open()
    began = datetime.datetime.now(datetime.timezone.utc)
    family = house.household("police", team=("housing", "social-care"))

    def said(agency, number, **more):
        return house.publish_one(agency, number, occurred=began.strftime("%Y-%m-%dT%H:%M:%SZ"),
                                 minutes=30, **more)

    def proposals(agency, kind=PROPOSED):
        return [entry["id"] for entry in house.feed(agency) if entry["kind"] == kind]

    def tasks(agency):
        return [task["household"] for task in house.kith(agency, "inbox")
                if task["kind"] == PROPOSED]

    said("police", 1, household=family)
    said("police", 2, about=["A-1"], to=["housing"])  # of no known household, until it is linked
    house.settle()
    third = said("housing", 3, household=family)
    house.settle()
    for agency in ("police", "housing", "social-care"):
        same((proposals(agency), tasks(agency)), ([], []), f"two of them at {agency}")
    house.kith("housing", "household", "link", family, "test/A-1", "--why", "the same address")
    same([tasks(agency) for agency in house.agencies], [[], [family], []], "by what each has")
    said("police", 4, household=family)
    house.settle()
    same(proposals("police"), [house.notice("police", 4)], "the line is of what brought it")
    same(proposals("social-care"), proposals("police"), "at each agency that has three")
    same([tasks(agency) for agency in house.agencies], [[family]] * 3, "one task each")
    for agency in house.agencies:
        house.stop(agency)
        house.restart(agency)
    said("police", 5, household=family)
    house.settle()
    same([len(proposals(agency)) for agency in house.agencies], [1, 1, 1], "once, after a restart")

    load = house.ask("housing", "load", family, "--from", "1d")
    same((load["count"], load["minutes"], load["limits"]), (5, 150, ["three-from-two"]), "the load")
    same(load.get("lead", ""), "", "nobody leads")
    house.kith("police", "household", "lead", family, "housing",
               "--role", "lead practitioner")
    house.settle()
    same([tasks(agency) for agency in house.agencies], [[], [], []], "somebody leads")
    same(house.ask("social-care", "load", family)["lead"], "housing", "who leads")

    referral = house.ask("police", "refer", "--to", "social-care", "--household", family,
                         "--need", "no bed of her own", "--service", "furniture",
                         "--basis", "public-task")["id"]
    house.settle("police")
    later = (began + datetime.timedelta(days=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for agency in ("police", "social-care"):
        house.kith(agency, "exercise", "clock", later)
        house.until("the need is told",
                    lambda: proposals(agency, "need-not-accepted") == [referral])
        under = house.ask(agency, "load", family)["underlaps"]
        same([(one["what"], one["need"], one["agencies"], one["referrals"]) for one in under],
             [("need-not-accepted", "furniture", ["social-care"], [referral])], "underlap")
    house.kith("social-care", "accept", referral)
    house.settle("social-care")
    same(house.ask("police", "load", family).get("underlaps", []), [], "somebody has it")
    same(third in proposals("housing"), False, "two were not enough")


run(behaviour, exercise=True, agencies=("police", "housing", "social-care"))
