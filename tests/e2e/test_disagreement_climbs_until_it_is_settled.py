"""Two agencies disagree about a decision: unanswered, it climbs by itself at both ends; answered
and resolved by who raised it, nothing waits. (The exercise's clock stands in for the days.)"""

import datetime

from house import CANARY, run, same

STAGES = """disagreement = ( { role = "team-manager"; within = "2h"; },
  { role = "director"; within = "20h"; } );"""


def behaviour(house):
    house.body += STAGES
    house.write_partnership()
    house.open()
    began = datetime.datetime.now(datetime.timezone.utc)
    referral = house.ask("police", "refer", "--to", "housing", "--need", CANARY, "--service",
                         "parenting", "--basis", "public-task")["id"]
    house.settle("police")
    decision = house.ask("housing", "decline", referral, "--reason", "out-of-area", "--next-step",
                         CANARY)["id"]
    house.settle("housing")
    same(house.try_kith("housing", "disagree", decision, "--text", CANARY).returncode, 65,
         "nobody disagrees with themselves")
    raised = house.ask("police", "disagree", decision, "--text", CANARY)["id"]
    house.settle("police")

    def state(agency):
        return house.ask(agency, "show", raised)["disagreement"]

    same([(state(agency)["state"], state(agency)["role"]) for agency in ("police", "housing")],
         [("unanswered", "team-manager")] * 2, "where it stands")
    when = (began + datetime.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for agency in ("police", "housing"):
        house.kith(agency, "exercise", "clock", when)
        house.until(f"told at {agency}", lambda agency=agency: any(
            entry["kind"] == "escalated" for entry in house.feed(agency)))
        same((state(agency)["stage"], state(agency)["role"]), (2, "director"), "climbed")
    tasks = {task["kind"]: task["reason"] for task in house.kith("housing", "inbox")}
    same(tasks.get("disagreement-to-answer"), "director", "who is to answer")
    house.kith("housing", "disagreement", "answer", raised, "--text", CANARY)
    house.settle("housing")
    same(house.try_kith("police", "disagreement", "escalate", raised).returncode, 65,
         "above the last stage there is none")
    house.kith("police", "disagreement", "resolve", raised, "--outcome", CANARY)
    house.settle("police")
    for agency in ("police", "housing"):
        same(state(agency)["state"], "resolved", agency)
        same([task for task in house.kith(agency, "inbox")
              if task["kind"].startswith("disagreement")], [], f"nothing waits at {agency}")


run(behaviour, exercise=True)
