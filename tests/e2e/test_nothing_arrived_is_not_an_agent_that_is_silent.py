"""What is expected by an hour and has not come is told at that hour, as a task and a line in the
feed, while the other agency's agent is well; that its agent is silent is another line. It ends
when something comes. (The exercise's clock stands in for the days.)"""

import datetime

from house import run, same

EXPECTED = """
calendars = ( { id = "every-day"; zone = "Europe/London"; opens = "08:00"; closes = "17:00";
  days = [ "mon", "tue", "wed", "thu", "fri", "sat", "sun" ]; } );
expected = ( { name = "morning-notices"; topic = "call-out"; from = "police"; to = [ "housing" ];
  by = "08:30"; calendar = "every-day"; } );"""


def behaviour(house):
    house.body += EXPECTED
    house.write_partnership()
    house.open()
    began = datetime.datetime.now(datetime.timezone.utc)

    def waiting():
        return [(task["kind"], task["agency"], task["reason"])
                for task in house.kith("housing", "inbox") if task["kind"] == "nothing-arrived"]

    def noon_of_day(day):
        noon = (began + datetime.timedelta(days=day)).replace(hour=12, minute=0, second=0)
        house.kith("housing", "exercise", "clock", noon.strftime("%Y-%m-%dT%H:%M:%SZ"))

    missing = [("nothing-arrived", "police", "morning-notices: no call-out by 08:30")]
    noon_of_day(1)  # the first hour of a new rule says nothing
    noon_of_day(2)
    house.until("it is told", lambda: waiting() == missing)
    told = [entry["summary"] for entry in house.feed("housing")
            if entry["kind"] == "nothing-arrived"]
    same(told, ["nothing arrived from police: morning-notices: no call-out by 08:30"], "the feed")

    def inbox():
        return house.run("kith", "inbox", "--agent", house.socket_of("housing")).stdout

    same("silent" in inbox(), False, "the agent of police is well")
    house.stop("police")
    house.until("its silence is another line",
                lambda: "Agents that are silent: police" in inbox())
    same(waiting(), missing, "and no other task")
    house.stop("housing")
    house.restart("housing")
    same(waiting(), missing, "nothing new after a restart")
    house.restart("police")
    house.publish_one("police", 1, to=["housing"])
    house.settle("police")
    same(waiting(), [], "it came after all")
    noon_of_day(3)
    noon_of_day(4)
    house.until("a day later nothing", lambda: waiting() == missing)
    task = next(task for task in house.kith("housing", "inbox")
                if task["kind"] == "nothing-arrived")
    house.kith("housing", "done", task["notice_id"][-12:], "--why", "the clerk is ill")
    same(waiting(), [], "a person has ended it")
    same(house.try_kith("housing", "done", task["notice_id"][-12:]).returncode, 66, "once")
    same("nothing arrived from police" in
         house.run("kith", "feed", "--agent", house.socket_of("housing")).stdout, True, "a line")


run(behaviour, exercise=True)
