"""Between two steps of a climb one agent is killed and the other reads a new partnership file:
nothing is told twice, nothing is forgotten, a step due while down is done once at the start, and
the alert goes on with the ladder it began with. (The exercise's clock stands in for the hours.)"""

import datetime

from house import CANARY, run, same

LADDER = """ladder = { steps = (
  { role = "duty"; wait = "1h"; }, { role = "manager"; wait = "3h"; } ); };"""


def behaviour(house):
    topics = house.body
    house.body = topics + LADDER
    house.write_partnership()
    house.open()
    began = datetime.datetime.now(datetime.timezone.utc)
    household = house.household("police", team=("housing",))
    alert = house.ask("police", "alert", "--household", household, "--subject", CANARY,
                      "--text", CANARY, "--reply-by", "2d")["id"]
    house.settle("police")

    def rungs(agency):
        return [rung["who"] for rung in
                house.ask(agency, "show", alert)["board"]["rows"][0].get("rungs", [])]

    def lines(agency):
        return [entry["summary"] for entry in house.feed(agency) if entry["kind"] == "escalated"]

    def at_hour(hour, *agencies):
        when = (began + datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for agency in agencies:
            house.kith(agency, "exercise", "clock", when)

    def told(agency, *roles):
        house.until(f"climbed at {agency}", lambda: rungs(agency) == [*roles])
        same(lines(agency), [f"alert not answered: housing, told: {role}" for role in roles],
             f"what {agency} was told")

    at_hour(2, "police", "housing")
    told("police", "duty")
    told("housing", "duty")
    house.kill("housing")
    house.body = topics + LADDER.replace("manager", "director")
    house.version += 1
    house.write_partnership()
    house.reload("police")
    house.restart("housing")
    at_hour(3, "police", "housing")
    told("police", "duty")
    told("housing", "duty")
    house.stop("housing")
    at_hour(7, "police")
    told("police", "duty", "manager")
    house.restart("housing")
    at_hour(30, "housing")
    told("housing", "duty", "manager")
    same(len([task for task in house.kith("housing", "inbox")
              if task["kind"] == "alert-escalated"]), 1, "one task for whom it has reached")


run(behaviour, exercise=True)
