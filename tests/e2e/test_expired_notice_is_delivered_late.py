"""At its time a notice that has not arrived is said to be expired, with a task; it stays owed, and
in the end is delivered late. (The exercise's clock stands in for the days.)"""

import datetime

from house import CANARY, holds, run, same


def behaviour(house):
    house.open("hub-a", "police", "housing")
    household = house.household("police", team=("housing",))
    house.stop("housing")
    alert = house.ask("police", "alert", "--household", household, "--subject", CANARY,
                      "--text", CANARY, "--reply-by", "2h")["id"]
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=8)
    house.kith("police", "exercise", "clock", later.strftime("%Y-%m-%dT%H:%M:%SZ"))
    house.until("expired", lambda: house.states("police", alert) == {"housing": "expired"})
    holds([task for task in house.kith("police", "inbox") if task["notice_id"] == alert],
          "a task tells a person")
    house.restart("housing")
    house.kith("housing", "exercise", "clock", later.strftime("%Y-%m-%dT%H:%M:%SZ"))
    house.settle("police")
    same(house.states("police", alert), {"housing": "delivered late"}, "in the end")


run(behaviour, exercise=True)
