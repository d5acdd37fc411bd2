"""One alert asks four agencies; three answer in their own way, and the fourth is named silent."""

from house import CANARY, run, same


def behaviour(house):
    house.open()
    asked = ("police", "housing", "social-care", "health")
    household = house.household("early-help", team=asked)
    alert = house.ask("early-help", "alert", "--household", household, "--subject", CANARY,
                      "--text", CANARY, "--reply-by", "2h")["id"]
    house.settle("early-help")
    house.kith("police", "reply", alert, "acting", "--text", CANARY)
    house.kith("housing", "reply", alert, "nothing-known")
    house.kith("social-care", "reply", alert, "cannot-share", "--reason", "court order")
    house.settle("police", "housing", "social-care")
    board = house.ask("early-help", "show", alert)["board"]
    answers = {row["agency"]: row.get("answer", "silent") for row in board["rows"]}
    same(answers, {"police": "acting", "housing": "nothing-known", "social-care": "cannot-share",
                   "health": "silent"}, "the board")


run(behaviour, agencies=("early-help", "police", "housing", "social-care", "health"))
