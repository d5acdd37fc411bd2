"""A small agency without machines: its agent and its kith-mail run at a neighbour's, and its
people have nothing but their mail. An alert asks them, their answer stands on the board in a row
of their own, and an alert of theirs reaches the others."""

from house import CANARY, same
from post_house import address, run_post


def behaviour(house):
    house.open()
    house.open_mta("police", "health")
    house.post("police")
    house.post("health")
    household = house.household("police", team=("health", "housing"))
    lead, nurse, kith = "lead@police.example", "lead@health.example", "kith@health.example"

    # asked by mail, answered by mail: no agency's person typed a command
    house.write_mail(lead, "kith@police.example", f"{CANARY} Has anyone seen the child?",
                     subject=f"{household[-12:]} not seen since Monday")
    asked = house.asked("health")
    house.write_mail("duty@health.example", address(asked["Reply-To"]),
                     "Cannot share: no consent to medical records.", answers=asked)
    alert = next(entry["id"] for entry in house.feed("police") if entry["kind"] == "alert")

    def row():
        return next(one for one in house.ask("police", "show", alert)["board"]["rows"]
                    if one["agency"] == "health")

    house.until("its answer is on the board", lambda: row().get("answer") == "cannot-share")
    same(row()["reason"], "no consent to medical records.", "why")

    # and raised by mail: housing has it from the small agency's own agent
    house.write_mail(nurse, kith, f"{CANARY} The baby lost weight",
                     subject=f"{household[-12:]}: weight")
    house.until("housing has it", lambda: [entry for entry in house.feed("housing") if
                                           (entry["kind"], entry["origin"]) == ("alert", "health")])


run_post(behaviour, agencies=("police", "housing", "health"))
