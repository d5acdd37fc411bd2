"""An alert is raised and renewed, answered by one agency; the other stays silent and is escalated;
only then it closes, and every agency is told. Before, closing is refused with who is silent."""

import datetime

from house import CANARY, holds, run, same

LADDER = """ladder = { steps = ( { role = "duty"; wait = "1h"; } ); };
alert_levels = [ "concern", "child-protection" ];"""


def behaviour(house):
    house.body += LADDER
    house.write_partnership()
    house.open()
    household = house.household("police", team=("housing", "health"))

    def raise_alert(text):
        made = house.ask("police", "alert", "--household", household, "--subject", CANARY,
                         "--text", text, "--reply-by", "2d", "--level", "concern",
                         "--dedupe-key", "missing/17")
        house.settle("police")
        return made

    def board(agency):
        return house.ask(agency, "show", alert)["board"]

    alert = raise_alert(CANARY)["id"]
    again = raise_alert(f"{CANARY} seen at the station")
    same(again["updates"], alert, "the same again is an update")
    same((board("health")["text"], board("health")["state"]), (f"{CANARY} seen at the station",
                                                               "open"), "the newest words")
    house.kith("housing", "reply", alert, "acting")
    house.settle("housing")

    refused = house.try_kith("police", "alert", "close", alert, "--outcome", "child-seen")
    same(refused.returncode, 65, "closing with a blank row")
    holds("health" in refused.stderr and "housing" not in refused.stderr, "the silent are named")
    holds("kith alert cancel" in refused.stderr, "and what is possible")

    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
    for agency in ("police", "health"):
        house.kith(agency, "exercise", "clock", when.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for agency in ("police", "health"):
        house.until(f"escalated at {agency}", lambda agency=agency: [
            row.get("escalated_to") for row in board(agency)["rows"]
            if row["agency"] == "health"] == ["duty"])
    house.kith("police", "alert", "close", alert, "--outcome", "child-seen")
    house.settle("police")
    for agency in ("police", "housing", "health"):
        same((board(agency)["state"], board(agency)["outcome"]), ("closed", "child-seen"), agency)
        same([task for task in house.kith(agency, "inbox") if task["notice_id"] == alert], [],
             f"nothing waits at {agency}")
    house.kith("health", "reply", alert, "nothing-known")
    house.settle("health")
    same([row["answer"] for row in board("police")["rows"]], ["nothing-known", "acting"],
         "a late reply is shown")
    holds("updates" not in raise_alert(CANARY), "after its end it is a new one")


run(behaviour, agencies=("police", "housing", "health"), exercise=True)
