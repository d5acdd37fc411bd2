"""A family's feed at its agency: what is new since a user last looked, a record said again and
corrected, the digest at its hour, what is urgent at once, and a snooze that hides until its end and
is told then. Over kills, and with the exercise's clock in place of the hours."""

import datetime
import json
import zoneinfo

from house import CANARY, number_of, run, same

LONDON = zoneinfo.ZoneInfo("Europe/London")
CALENDAR = """calendars = ( { id = "office"; zone = "Europe/London"; opens = "09:00";
  closes = "17:00"; days = [ "mon", "tue", "wed", "thu", "fri" ]; } );
"""
FEED = """feed = { wait = "1s"; interval = "2s"; repeat = "30d"; digest = "%H:00";
  days = "every"; };"""


class Family:
    """One family that housing is in the team of, and what its people there see."""

    def __init__(self, house):
        self.house = house
        self.household = house.household("police", team=("housing",))

    def say(self, number, **more):
        self.house.publish("police", self.house.event(number, household=self.household, **more))
        self.house.settle("police")

    def correct(self, number, by):
        event = self.house.event(number, household=self.household,
                                 narrative=f"{CANARY} event {by}")
        same(self.house.try_publish("police", event).returncode, 65, "one record, other content")
        self.house.ask("police", "publish", "--corrects", "-", input=json.dumps(event) + "\n")
        self.house.settle("police")

    def fresh(self, *more):
        return [number_of(entry) for entry in self.house.kith("housing", "feed", "--fresh", *more)]

    def told(self, after=0):
        return [(one["reason"], one["entries"])
                for one in self.house.kith("housing", "tellings", "--after", after)]

    def clock(self, when):
        self.house.kith("housing", "exercise", "clock",
                        when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def restart(self):
        self.house.kill("housing")
        self.house.restart("housing")


def is_looked_at(house, family):
    same(family.fresh("--mark"), [None], "the household's opening is new")
    family.say(1)
    same(family.fresh(), [1], "what came since")
    family.restart()
    same(family.fresh(family.household), [1], "after a kill")
    end = house.kith("housing", "feed", "--fresh")[-1]["seq"]
    family.say(2)
    left = house.ask("housing", "looked", family.household, "--up-to", end)
    same(left.get("fresh"), 1, "looking hides nothing that came later")
    same(family.fresh(), [2], "only that")
    family.correct(2, by=22)
    same(family.fresh(), [22], "a correction takes the place of what it corrects")
    same(house.kith("housing", "feed", family.household)[-1]["folded"], 1, "which is behind it")


def is_told_at_the_digest(house, family, digest):
    same(family.told(), [], "nothing is told before the digest")
    family.clock(digest - datetime.timedelta(seconds=60))
    family.restart()
    same(family.told(), [], "nor a minute before")
    family.clock(digest + datetime.timedelta(seconds=1))
    house.until("the digest", lambda: family.told() == [("digest", 1)])
    same(house.kith("housing", "tellings")[0]["household"], family.household, "whose it is")


def is_snoozed(house, family, digest):
    watch = house.watch("housing", house.feed("housing")[-1]["seq"])
    refused(house, family.household)
    snooze = house.ask("housing", "snooze", "--household", family.household, "--until", "8h",
                       "--why", CANARY)
    family.say(3)
    same(family.fresh(), [22], "what is snoozed is not shown")
    shown = house.kith("housing", "feed", family.household, "--all")[-1]
    same((number_of(shown), shown["flags"]), (3, ["snoozed"]), "but with --all")
    family.say(4, topic="concern")
    same(family.fresh(), [22, 4], "what is urgent is")
    house.until("it is told at once", lambda: family.told(1) == [("urgent", 2)])
    row = house.kith("housing", "families")[0]
    same((row["fresh"], row["urgent"], row["snoozed"]), (2, 1, 1), "the family's row")
    house.kith("housing", "feed", "--fresh", "--mark")
    same(family.fresh(), [], "all was looked at")
    same([number_of(entry) for entry in watch.wait_count(1)], [4], "a watch shows no more")
    family.restart()
    family.clock(digest + datetime.timedelta(hours=9))
    house.until("the snooze's end is told", lambda: family.told(2) == [("snooze-ended", 1)])
    same(family.fresh(), [3], "and what it hid is new")
    held = house.kith("housing", "snoozes", "--all")[0]
    same((held["seq"], held["by"], held["why"], held["hid"]), (snooze["seq"], "duty", CANARY, 1),
         "who, why, and what it hid")
    same(house.kith("housing", "snoozes"), [], "none is left")


def refused(house, household):
    """What no snooze may be."""
    for wanted, arguments in (
            (65, ("--household", household, "--until", "2020-01-01T00:00:00Z", "--why", "w")),
            (65, ("--household", household, "--until", "90d", "--why", "w")),
            (64, ("--household", household, "--until", "2027-02-30T00:00:00Z", "--why", "w")),
            (64, ("--household", household, "--until", "8h")),
            (65, ("--until", "8h", "--why", "w")),
            (65, ("--kind", "alert", "--until", "8h", "--why", "w"))):
        ran = house.try_kith("housing", "snooze", *arguments)
        same(ran.returncode, wanted, " ".join(arguments))


def behaviour(house):
    digest = datetime.datetime.now(LONDON).replace(minute=0, second=0, microsecond=0)
    digest += datetime.timedelta(hours=2)
    house.body += CALENDAR
    house.write_partnership()
    house.write_agent("housing", digest.strftime(FEED))
    house.open()
    family = Family(house)
    is_looked_at(house, family)
    is_told_at_the_digest(house, family, digest)
    is_snoozed(house, family, digest)


run(behaviour, exercise=True)
