"""A referral is asked about, is late, is accepted in part, begun, and closed with the family's own
word; both ends see the same, and what the state does not allow is refused with what is possible."""

import datetime

from house import CANARY, holds, run, same

CLOCKS = 'clocks = ( { name = "decision"; within = "4h"; } );'


def step(house, referral):
    ends = [house.ask(agency, "show", referral)["referral"] for agency in ("police", "housing")]
    same(ends[0]["step"], ends[1]["step"], "both ends")
    return ends[0]


def act(house, agency, *words):
    house.kith(agency, *words)
    house.settle(agency)


def tasks(house, agency, referral):
    return {task["kind"] for task in house.kith(agency, "inbox")
            if task["notice_id"] == referral}


def behaviour(house):
    house.body += CLOCKS
    house.write_partnership()
    house.open()
    household = house.household("police", team=("housing",))
    referral = house.ask("police", "refer", "--to", "housing", "--household", household,
                         "--need", CANARY, "--service", "tenancy support", "--reason", CANARY,
                         "--urgency", "amber", "--basis", "public-task")["id"]
    house.settle("police")
    act(house, "housing", "referral", "ask", referral, "--note", CANARY)
    same(tasks(house, "police", referral), {"referral-to-inform"}, "the referrer is asked")
    act(house, "police", "referral", "inform", referral, "--note", CANARY)
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=5)
    for agency in ("police", "housing"):
        house.kith(agency, "exercise", "clock", later.strftime("%Y-%m-%dT%H:%M:%SZ"))
        house.until("overdue", lambda: "referral-overdue" in tasks(house, agency, referral))
        holds([entry for entry in house.kith(agency, "feed") if entry["kind"] == "overdue"],
              "a line in the feed")
    refused = house.try_kith("housing", "referral", "close", referral, "--outcome",
                             "goals-reached", "--need-met", "yes")
    same(refused.returncode, 65, "nothing is accepted yet")
    holds("kith accept" in refused.stderr, "what is possible is said")
    act(house, "housing", "accept", referral, "--part", "arrears", "--urgency", "green")
    same(tasks(house, "police", referral), set(), "no longer overdue")
    act(house, "housing", "referral", "begin", referral)
    act(house, "housing", "decline", referral, "--reason", "not-our-service",
        "--next-step", "ask the council")
    act(house, "housing", "referral", "step-down", referral, "--level", "2")
    act(house, "housing", "referral", "close", referral, "--outcome", "goals-reached",
        "--need-met", "yes")
    end = step(house, referral)
    same((end["step"], end["outcome"], end["need_met"], end["level"], end["part"],
          end["urgency"], end["scale"]),
         ("closed", "goals-reached", "yes", "2", "arrears", "amber", "green"), "at the end")
    same(tasks(house, "housing", referral), set(), "nothing waits any more")


run(behaviour, exercise=True)
