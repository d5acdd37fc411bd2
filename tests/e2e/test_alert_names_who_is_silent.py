"""One alert asks five agencies; four answer, each in its own way, and the fifth is named silent."""

from house import CANARY, run, same

ASKED = ("police", "housing", "social-care", "youth-justice", "health")


def behaviour(house):
    house.open()
    household = house.household("early-help", team=ASKED)
    alert = house.ask("early-help", "alert", "--household", household, "--subject", CANARY,
                      "--text", CANARY, "--reply-by", "2h")["id"]
    house.settle("early-help")
    house.kith("police", "reply", alert, "acting", "--text", CANARY)
    house.kith("housing", "reply", alert, "nothing-known")
    house.kith("social-care", "reply", alert, "cannot-share", "--reason", "court order")
    house.kith("youth-justice", "reply", alert, "known-no-action")
    house.settle(*ASKED)
    board = house.ask("early-help", "show", alert)["board"]
    answers = {row["agency"]: row.get("answer", "silent") for row in board["rows"]}
    same(answers, {"police": "acting", "housing": "nothing-known", "social-care": "cannot-share",
                   "youth-justice": "known-no-action", "health": "silent"}, "the board")


run(behaviour, agencies=("early-help", *ASKED))
