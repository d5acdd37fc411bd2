"""An agency that does not answer is escalated, role by role, at both ends; an acknowledgement stops
that, and an answer ends it. (The exercise's clock stands in for the hours.)"""

import datetime

from house import CANARY, run, same

LADDER = """ladder = {
  steps = ( { role = "duty"; wait = "1h"; }, { role = "manager"; wait = "3h"; } );
  remind = "20h"; confirm = "30h"; };"""


def behaviour(house):
    house.body += LADDER
    house.write_partnership()
    house.open()
    began = datetime.datetime.now(datetime.timezone.utc)
    household = house.household("police", team=("housing",))
    alert = house.ask("police", "alert", "--household", household, "--subject", CANARY,
                      "--text", CANARY, "--reply-by", "2d")["id"]
    house.settle("police")

    def rungs(agency):
        return [(rung["what"], rung["who"]) for rung in
                house.ask(agency, "show", alert)["board"]["rows"][0].get("rungs", [])]

    def at_hour(hour, wanted):
        when = (began + datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for agency in ("police", "housing"):
            house.kith(agency, "exercise", "clock", when)
            house.until(f"climbed at {agency}", lambda: rungs(agency) == wanted)

    at_hour(2, [("told", "duty")])
    at_hour(6, [("told", "duty"), ("told", "manager")])
    tasks = {task["kind"]: task["reason"] for task in house.kith("housing", "inbox")
             if task["notice_id"] == alert}
    same(tasks.get("alert-escalated"), "manager", "whom it has reached")
    house.kith("housing", "seen", alert, "--person", "duty")
    house.settle("housing")
    same(rungs("police")[-1], ("acknowledged", "duty"), "the origin is told")
    at_hour(28, [*rungs("police"), ("reminded", "duty")])
    house.kith("housing", "reply", alert, "acting")
    house.settle("housing")
    same([task for task in house.kith("housing", "inbox") if task["notice_id"] == alert], [],
         "nothing waits any more")
    row = house.ask("police", "show", alert)["board"]["rows"][0]
    same((row["answer"], row["seen_by"], row["escalated_to"]), ("acting", "duty", "manager"),
         "the board")


run(behaviour, exercise=True)
