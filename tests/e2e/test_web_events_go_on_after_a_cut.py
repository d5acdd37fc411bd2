"""The feed as server-sent events: live, and after a cut (the browser's, the agent's restart) on
from Last-Event-ID, without a gap or a repeat. Logged out, it ends."""

import json

from house import CANARY, holds, same
from web_house import run_web


ASKS = "limits = { requests_a_minute = 60000; };"  # waiting for the agent is asking, and asking


def shown(event):
    """seq and number of one event."""
    same(event["event"], "entry", "its kind")
    entry = json.loads(event["data"])
    same(int(event["id"]), entry["seq"], "its id is where to go on")
    return event["id"], int(entry["summary"].rsplit(" ", 1)[1])


def behaviour(house):
    house.open()
    web = house.web("housing", more=ASKS)
    person = web.client()
    person.login()
    stream = person.events()
    same(stream.status, 200, "a stream")
    holds(stream.answer.headers["Content-Type"] == "text/event-stream", "of events")
    house.publish("police", house.event(1))
    last, number = shown(stream.next())
    same(number, 1, "live")
    stream.close()
    house.publish("police", house.event(2), house.event(3))
    house.settle("police")
    stream = person.events(headers={"Last-Event-ID": last})
    numbers = [shown(stream.next())[1] for _ in range(2)]
    same(numbers, [2, 3], "what came while it was cut")
    house.stop("hub-a")
    house.restart("hub-a")
    house.publish("police", house.event(4))
    last, number = shown(stream.next())
    same(number, 4, "over a broker's restart")
    house.stop("housing")
    same(stream.next(), None, "without the agent it ends")
    same(person.get("feed").rule, "agent-away", "and what is asked is told so")
    house.publish("police", house.event(5))
    house.restart("housing")
    house.until("the agent is there again", lambda: person.get("status").status == 200)
    stream = person.events(headers={"Last-Event-ID": last})
    last, number = shown(stream.next())
    same(number, 5, "over an agent's restart")
    same(person.events(headers={"Last-Event-ID": "x"}).status, 422, "what is no place")
    same(person.events("events?nothing=1").status, 422, "what is no member")
    person.ask("DELETE", "session")
    house.publish("police", house.event(6))
    event = stream.next()
    same(event and shown(event)[1], None, "logged out, nothing more comes")
    holds(CANARY not in house[web.name].text(), "the log says nothing of it")


run_web(behaviour)
