"""One family, from the first question to the fare: an assessment asked for once, to which two
agencies add their parts; a plan with two outcomes; an event that the plan did not foresee; a fare
approved and spent, after which the pot adds up."""

import datetime

from house import CANARY, holds, run, same

POTS = """assessment_valid = "180d";
pots = ( { id = "joined-up"; name = "The joined-up pot"; holder = "early-help";
  pence = 50000; limit_pence = 20000; } );"""
TEAM = ("police", "housing", "early-help")


def say(house, agency, *words):
    said = house.ask(agency, *words)
    house.settle(agency)
    return said["id"]


def waits(house, agency):
    return {task["kind"] for task in house.kith(agency, "inbox")}


def refused(house, agency, status, rule, *words):
    ran = house.try_kith(agency, *words)
    same(ran.returncode, status, rule)
    holds(rule in ran.stderr, f"{rule} is told: {ran.stderr}")
    return ran.stderr


def one_assessment(house, family):
    asking = ("assessment", "request", "--household", family, "--kind", "early-help",
              "--reason", CANARY)
    asked = say(house, "police", *asking)
    for agency in ("housing", "early-help"):
        holds("assessment-to-contribute" in waits(house, agency), "a part is owed")
        say(house, agency, "assessment", "contribute", asked, "--section", "strengths",
            "--text", f"{CANARY} {agency}")
        same(waits(house, agency), set(), "and given")
    holds(asked in refused(house, "housing", 65, "assessment-exists", *asking),
          "a new request is answered with the one that exists")
    say(house, "police", "assessment", "complete", asked, "--summary", CANARY,
        "--family-view", f"{CANARY} we want to sleep")
    for agency in TEAM:
        state = house.ask(agency, "assessment", "show", asked)
        same((state["state"], state["family_view"],
              [(part["agency"], part["text"]) for part in state["parts"]]),
             ("completed", f"{CANARY} we want to sleep",
              [("housing", f"{CANARY} housing"), ("early-help", f"{CANARY} early-help")]), agency)
    say(house, "housing", *asking, "--despite", "assessment-exists")


def one_plan(house, family):
    for agency, expects in (("police", "call-out"), ("early-help", "concern")):
        say(house, agency, "plan", "outcome", "add", family, "--text", f"{CANARY} {agency}",
            "--owner", agency, "--by", "90d", "--expects", expects)
    say(house, "early-help", "plan", "review", family, "--next", "42d")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
    for number, topic in ((1, "call-out"), (2, "arrest")):
        house.publish("police", house.event(number, topic=topic, household=family,
                                            occurred=soon.strftime("%Y-%m-%dT%H:%M:%SZ")))
    house.settle("police")
    flags = {entry["topic"]: entry.get("flags", []) for entry in house.feed("early-help", family)
             if entry["kind"] == "event"}
    same(("unplanned" in flags["arrest"], "unplanned" in flags["call-out"]), (True, False),
         "what the plan did not foresee")
    outcome = next(one for one in house.ask("police", "plan", "show", family)["outcomes"]
                   if one["owner"] == "police")["id"]
    refused(house, "police", 65, "outcome-met", "plan", "outcome", "change", family, outcome,
            "--state", "met")
    say(house, "police", "plan", "outcome", "change", family, outcome, "--state", "met",
        "--need-met", "yes")
    for agency in TEAM:
        plan = house.ask(agency, "plan", "show", family)
        same((sorted((one["owner"], one["state"]) for one in plan["outcomes"]),
              plan["unplanned"]),
             ([("early-help", "open"), ("police", "met")], 1), agency)
    say(house, "police", "household", "team", "add", family, "health")
    same(len(house.ask("health", "plan", "show", family)["outcomes"]), 2, "who joins is told it")


def small_help(house, family):
    fare = ("small-help", "ask", "--household", family, "--what", CANARY, "--amount")
    refused(house, "housing", 65, "help-limit", *fare, "200.01")
    same(house.try_kith("housing", *fare, "12.5").returncode, 64, "no amount of pounds")
    helps = [say(house, "housing", *fare, amount) for amount in ("18.50", "200", "200", "200")]
    holds("small-help-to-decide" in waits(house, "early-help"), "its holder is asked")
    for number in (0, 1, 2):
        say(house, "early-help", "small-help", "approve", helps[number])
    holds("£81.50 left" in refused(house, "early-help", 65, "pot-balance", "small-help", "approve",
                                   helps[3]), "the balance is told")
    say(house, "early-help", "small-help", "decline", helps[3], "--reason", CANARY)
    say(house, "housing", "small-help", "spent", helps[0], "--amount", "16.20")
    say(house, "housing", "small-help", "withdraw", helps[1], "--reason", CANARY)
    same([house.ask("housing", "small-help", "show", one)["state"] for one in helps],
         ["spent", "withdrawn", "approved", "declined"], "what became of each")
    for when in ("at once", "and after a crash"):
        pot = house.ask("early-help", "pot")
        same((pot["amount"], pot["balance"], pot["set_aside"], pot["spent"]),
             (50000, 50000 - 20000 - 1620, 20000, 1620), f"the pot adds up, {when}")
        house.kill("early-help")
        house.restart("early-help")


def behaviour(house):
    house.body += POTS
    house.write_partnership()
    house.open()
    family = house.household("police", team=("housing", "early-help"))
    one_assessment(house, family)
    one_plan(house, family)
    small_help(house, family)


run(behaviour, agencies=(*TEAM, "health"))
