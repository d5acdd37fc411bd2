"""A new mail of somebody who may raise alerts makes one: a draft that a person sends with one
command, once; or at once, when its writer may and its subject names the household by its id."""

from house import CANARY, holds, same
from post_house import run_post


def behaviour(house):
    house.open()
    house.open_mta("police")
    house.post("police")
    household = house.household("police", team=("housing",))
    kith = "kith@police.example"

    def waiting():
        return [task for task in house.kith("police", "inbox") if task["kind"] == "mail-to-read"]

    def alerts():
        return [entry for entry in house.feed("housing") if entry["kind"] == "alert"]

    # a draft: nothing is sent, its writer is told where it waits
    house.write_mail("duty@police.example", kith, f"{CANARY} Has anyone seen the child?",
                     subject=f"{CANARY} not seen since Monday")
    house.until("the draft waits", waiting)
    task, = waiting()
    same(task["reason"], "to-confirm", "why it waits")
    told = house.asked("police", "your draft waits")
    holds(task["notice_id"] in told.get_body(("plain",)).get_content(), "a link to the draft")
    same(CANARY in told.raw.decode(), False, "nothing of the family is in a mail")
    same(alerts(), [], "no alert is out")

    mail = house.ask("police", "mail", "show", task["notice_id"][-12:])
    same((mail["from"], mail["kind"]), ("duty@police.example", "new"), "who wrote")
    same(house.try_kith("police", "mail", "send", task["notice_id"]).returncode, 66,
         "an alert is about a household")
    sent = house.ask("police", "mail", "send", task["notice_id"], "--household", household)
    house.settle("police")
    notice = house.ask("housing", "show", sent["id"])["notice"]
    same(notice["alert"]["text"].strip(), f"{CANARY} Has anyone seen the child?", "its words")
    same(waiting(), [], "the mail waits no longer")
    mail = house.ask("police", "mail", "show", task["notice_id"])
    same((mail["became"], mail["ended_by"]), (sent["id"], "duty"), "what became of it")
    again = house.try_kith("police", "mail", "send", task["notice_id"], "--household", household)
    same(again.returncode, 65, again.stderr)
    holds("mail-became" in again.stderr, again.stderr)

    # at once, when it names the household
    house.write_mail("lead@police.example", kith, "Not at school", subject="Not at school again")
    house.until("it names no household", lambda: len(waiting()) == 1)
    same(waiting()[0]["reason"], "household-unknown", "why it waits")
    house.kith("police", "done", waiting()[0]["notice_id"], "--why", "rang instead")
    same(waiting(), [], "a person ends it")
    sent = house.write_mail("lead@police.example", kith, "Not at school",
                            subject=f"{household[-12:]}: not at school again")
    house.until("two alerts", lambda: len(alerts()) == 2)
    house.mta.send(sent, kith, user="lead@police.example")
    house["mail-police"].wait_line("mail what=alert", times=2)
    house.settle("police")
    same((len(alerts()), len(waiting())), (2, 0), "the same mail again is the same alert")
    notice = house.ask("housing", "show", alerts()[-1]["id"])["notice"]
    same((notice["alert"]["subject"], notice["household"]), ("not at school again", household),
         "the second alert")

    # who may not
    house.write_mail("manager@police.example", kith, "Not at school",
                     subject=f"{household[-12:]}: not at school")
    house.write_mail("stranger@elsewhere.example", kith, "Not at school",
                     subject=f"{household[-12:]}: not at school")
    house.until("both wait", lambda: len(waiting()) == 2)
    same(sorted(task["reason"] for task in waiting()), ["may-not-alert", "unknown-sender"], "why")
    same(len(alerts()), 2, "and no alert is out")


run_post(behaviour)
