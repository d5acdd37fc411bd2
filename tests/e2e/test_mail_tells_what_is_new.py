"""People are told as they are configured: the urgent at once, the rest in one digest, and who is
told nothing is told nothing. A reference and a link stand in it, nothing of a family."""

import datetime

from house import CANARY, holds, same
from post_house import run_post

PEOPLE = """
  { name = "duty"; address = "duty@AGENCY.example"; told = "all"; },
  { name = "manager"; address = "manager@AGENCY.example"; told = "urgent"; },
  { name = "lead"; address = "lead@AGENCY.example"; told = "nothing"; }
"""


def behaviour(house):
    path = house.config("housing")
    house.open()
    house.stop("housing")
    path.write_text(path.read_text().replace('digest = "none"', 'digest = "16:00"; days = "every"'))
    house.start("housing")
    house.open_mta("housing")
    house.post("housing", people=PEOPLE)
    house["mail-housing"].wait_line("agent state=there")
    house.kith("housing", "subscribe", "call-out")
    house.kith("housing", "subscribe", "concern")
    house.settle("housing")
    house.household("police", team=("housing",))
    house.publish_one("police", 1)
    house.publish("police", house.event(2, topic="concern"))
    house.settle("police")
    urgent = house.asked("housing", "something urgent")
    house.asked("housing", "something urgent", "manager")
    same(CANARY in urgent.raw.decode(), False, "nothing of the family")
    holds("http://127.0.0.1:8480/#/" in urgent.get_body(("html",)).get_content(), "a link")

    tomorrow = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2))
    house.kith("police", "exercise", "clock", tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ"))
    house.kith("housing", "exercise", "clock", tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ"))
    digest = house.asked("housing", "what is new")
    holds("http://127.0.0.1:8480/#/feed" in digest.get_body(("plain",)).get_content(), "a link")
    same([mail["Subject"] for mail in house.mta.mails("manager@housing.example")
          if "what is new" in mail["Subject"]], [], "the manager has the urgent alone")
    same(house.mta.mails("lead@housing.example"), [], "and the lead nothing")


run_post(behaviour, exercise=True)
