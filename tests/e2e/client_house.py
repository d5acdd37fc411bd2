"""A house in which some agencies are clients in Python (tests/client) beside real agents.

A test is `def behaviour(house, health): …` and `run_client(behaviour)`: police and housing are real
agents, health (and what else `clients` names) is the test's own. Whatever the test's agency does,
police and housing must notice nothing: their traffic goes on, in the session it began in.
"""

import re
import sys
import time
from pathlib import Path

from house import holds, run, same

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "client"))

from kith_client import (Agency, Clause, Member, Partnership, Secrets, Topic,  # noqa: E402
                         kith)
from kith_session import Session, SessionOver  # noqa: E402, F401

import house as house_module  # noqa: E402

LANES = {"urgent": kith.LANE_URGENT, "normal": kith.LANE_NORMAL}
BEFORE, AFTER = 9001, 9002  # the bystanders' own events


def public(house, name, kind):
    return bytes.fromhex(house.public[name].get(kind, ""))


def secrets(house, name):
    folder = house.folder / "keys" / name
    kinds = ("transport", "signing", "sealing") if name in house.agencies else \
        ("transport", "signing")
    return Secrets(*(bytes.fromhex((folder / f"{kind}.key").read_text().strip())
                     for kind in kinds))


def partnership_of(house):
    """What the partnership file says, as a client would read it."""
    def member(name, **more):
        return Member(house.epochs.get(name, 1), public(house, name, "transport"),
                      public(house, name, "signing"), public(house, name, "sealing"), **more)
    every = ("*",)
    return Partnership(
        "exampletown", house.version, house.exercise,
        {name: member(name) for name in house.agencies},
        {name: member(name, endpoint=house.endpoint(name)) for name in house.broker_ids},
        {name: Topic(kind, body, LANES[lane]) for name, kind, body, lane in house_module.TOPICS},
        {"1": Clause(house_module.CLASSES, every, every)})


def client(house, name):
    return Agency(partnership_of(house), name, secrets(house, name))


def sessions_of(house, agent):
    return len(re.findall(" link-up broker=hub-a\n", house[agent].text()))


def pass_an_event(house, number):
    house.publish("police", house.event(number))
    house.settle("police")


def subscribe(session, origin, topic):
    """The client asks that agent for its events of this topic."""
    agency, now = session.agency, int(time.time() * 1000)
    said = kith.Directory(subscriptions=[kith.Subscription(topic=topic, since_ms=now)],
                          changed_ms=now)
    session.publish(*agency.sign([agency.draft(agency.notice("directory", directory=said),
                                               [origin])]))
    same(list(session.wait("accepted").recipients), [origin], "accepted for")
    receipt, walked, _ = session.receipt()
    same((receipt.n, list(receipt.exceptions), walked), (1, [], True), "the directory is taken")


def sealed(agency, change=lambda header: None, to=("housing",), topic="call-out", **options):
    """A signed envelope whose header was changed before the signature. It takes number 1 without
    using it up: it is not to arrive."""
    draft = agency.draft(agency.event(topic), to, **{"n": 1, **options})
    change(draft.header)
    return agency.sign([draft], keep=False)[0]


def refused(session, reason, envelope, owed=None):
    """The broker's signed word that it is refused for each, for this reason."""
    names = [slot.agency for slot in kith.Header.FromString(envelope.header).slots]
    session.publish(envelope, owed=owed)
    for name in owed or names:
        refusal = session.refusal()
        same((kith.Reason.Name(refusal.reason), refusal.recipient),
             (kith.Reason.Name(reason), name), "refused")
    return refusal


def goes_on(session, recipient="housing"):
    """An honest event in this session is accepted, delivered and receipted."""
    agency = session.agency
    session.publish(agency.envelope("call-out", recipient))
    session.wait("accepted", lambda said: list(said.recipients) == [recipient])
    last = agency.stream_to(recipient, kith.LANE_NORMAL).last
    _, walked, _ = session.receipt(lambda receipt: receipt.n == last)
    holds(walked, "the chain of what was sent")


def ended(session, reason):
    """The broker ends the session, for this reason."""
    same(kith.Reason.Name(session.bye()), kith.Reason.Name(reason), "BYE")


def begins_again(house, agency):
    """A new session of the same agency is as good as any."""
    with Session(agency, "hub-a") as session:
        session.hello()
        goes_on(session)


def run_client(behaviour, clients=("health",), liveness="30s", numbers=(), prepare=None, **options):
    """Runs it between two events of police to housing; `numbers`: those between them. `prepare`
    changes the partnership before anybody has read it."""
    agents = ("police", "housing")

    def whole(house):
        if prepare:
            prepare(house)
            house.write_partnership()
        house.open("hub-a", *agents)
        pass_an_event(house, BEFORE)
        behaviour(house, *(client(house, name) for name in clients))
        pass_an_event(house, AFTER)
        same(house.numbers("housing"), [BEFORE, *numbers, AFTER], "what housing has of police")
        for agent in agents:
            same(sessions_of(house, agent), 1, f"sessions of {agent}")
        holds(house["hub-a"].running, "the broker runs on")

    run(whole, agencies=(*agents, *clients), liveness=liveness, **options)
