"""A mail about an alert that reaches nobody, returned or refused, is a task for a person, and the
next role of the ladder is told at once; what the mail server puts off is tried again until it is
there. An answer stays an answer."""

from house import CANARY, same
from post_house import address, run_post

LADDER = """ladder = {
  steps = ( { role = "duty"; wait = "20h"; }, { role = "manager"; wait = "20h"; } ); };"""

# One mail an alert, so that nothing else that happens makes kith-mail look at what failed.
PEOPLE = """
  { name = "duty"; address = "duty@AGENCY.example"; told = "nothing"; asked = true;
    roles = [ "duty" ]; },
  { name = "manager"; address = "manager@AGENCY.example"; told = "nothing";
    roles = [ "manager" ]; }
"""


def behaviour(house):
    house.body += LADDER
    house.write_partnership()
    house.open()
    house.open_mta("housing")
    house.post("housing", people=PEOPLE)
    household = house.household("police", team=("housing",))

    def alert(number):
        return house.ask("police", "alert", "--household", household, "--subject", CANARY,
                         "--text", f"{CANARY} {number}", "--reply-by", "30h")["id"]

    def rungs(notice):
        row, = house.ask("housing", "show", notice)["board"]["rows"]
        return [(rung["what"], rung["who"]) for rung in row.get("rungs", [])]

    def undelivered(notice):
        return [task["reason"] for task in house.kith("housing", "inbox")
                if task["kind"] == "mail-undelivered" and task["notice_id"] == notice]

    # returned after it was taken: duty is passed by, and again, until the manager is told
    house.mta.bounce("duty@housing.example")
    first = alert(1)
    house.until("it has climbed", lambda: len(rungs(first)) >= 3)
    same(rungs(first)[:2], [("undelivered", "duty"), ("told", "duty")], "the next role at once")
    same(undelivered(first)[0], "duty: bounced", "a person knows")
    house.until("to the manager", lambda: ("told", "manager") in rungs(first))
    house.asked("housing", "not answered yet", "manager")

    # refused for good
    house.mta.admit_all_again()
    house.mta.refuse("duty@housing.example")
    second = alert(2)
    house.until("it is refused", lambda: "duty: refused" in undelivered(second))

    # put off: nobody is alarmed, and it comes
    house.mta.admit_all_again()
    house.mta.put_off("duty@housing.example")
    third = alert(3)
    house["mail-housing"].wait_line("code=450")
    house.mta.admit_all_again()
    asked = house.asked("housing")
    same(undelivered(third), [], "what comes late is no failure")

    # and after the answer nothing climbs
    house.write_mail("duty@housing.example", address(asked["Reply-To"]), "Acting.", answers=asked)
    house.until("it is answered", lambda: house.ask("housing", "show", third)["board"]["rows"][0]
                .get("answer") == "acting")
    back = address(asked["Return-Path"])
    house.mta.send(_report(back), back, user="stranger@elsewhere.example", sender="")
    house.until("it is told", lambda: undelivered(third))
    same(rungs(third), [], "an answered alert climbs no more")


def _report(to):
    return (f"From: Mail Delivery System <mailer-daemon@elsewhere.example>\nTo: {to}\n"
            "Subject: Mail delivery failed\nAuto-Submitted: auto-replied\n"
            "Message-ID: <report@elsewhere.example>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n"
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; elsewhere.example\n"
            "\nFinal-Recipient: rfc822; duty@housing.example\nAction: failed\nStatus: 5.1.1\n"
            "--b--\n").replace("\n", "\r\n").encode()


run_post(behaviour)
