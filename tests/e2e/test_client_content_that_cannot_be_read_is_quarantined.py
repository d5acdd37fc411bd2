"""What cannot be opened or read, or is not what stood outside, is quarantined under its number with
the reason in the receipt, and the stream goes on."""

from client_house import Session, goes_on, run_client
from house import holds, same
from kith_client import kith


def behaviour(house, health):
    wrong = dict(cases(health))
    with Session(health, "hub-a") as session:
        session.hello()
        for number, (draft, reason) in enumerate(wrong.values(), 1):
            session.publish(*health.sign([draft]))
            _, walked, _ = session.receipt(lambda receipt, n=number: receipt.n == n)
            holds(walked, "the chain")
        stream = health.stream_to("housing", kith.LANE_NORMAL)
        found = {name: stream.outcomes[n] for n, name in enumerate(wrong, 1)}
        same({name: (kith.Outcome.Name(one), kith.Reason.Name(why))
              for name, (one, why) in found.items()},
             {name: ("OUTCOME_QUARANTINED", kith.Reason.Name(reason))
              for name, (_, reason) in wrong.items()}, "outcomes")
        goes_on(session)
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 1,
         "what housing shows")


def cases(health):
    """name → (draft, reason)"""
    yield "wrap for nobody", (changed(health, wrap_for_nobody), kith.REASON_CANNOT_OPEN)
    yield "another sealing key", (changed(health, other_key), kith.REASON_CANNOT_OPEN)
    yield "another content key", (changed(health, other_commitment), kith.REASON_CANNOT_OPEN)
    for name, content in contents(health):
        notice = health.event("call-out")
        yield name, (health.draft(notice, ["housing"], content=content),
                     kith.REASON_CONTENT_MALFORMED)
    for name, change in (("another topic", {"topic": "concern"}), ("no topic", {"topic": "none"}),
                         ("another origin", {"origin": "police"}), ("exercise", {"exercise": True}),
                         ("another body", {"seen": kith.Seen(person="nobody")})):
        notice = health.event("call-out")
        notice.MergeFrom(kith.Notice(**change))
        inside = kith.Content(notice=notice.SerializeToString()).SerializeToString()
        yield name, (health.draft(health.event("call-out"), ["housing"], content=inside),
                     kith.REASON_NOT_WHAT_TOPIC_SAID)


def contents(health):
    short = health.event("call-out")
    short.id = bytes(15)
    household = health.event("call-out")
    household.household = bytes(3)
    yield "not a message", b"\xff" * 40
    yield "nothing", b""
    yield "no notice in it", kith.Content(notice=b"\x0a\x05ab").SerializeToString()
    yield "an id too short", kith.Content(notice=short.SerializeToString()).SerializeToString()
    yield "a household's too", kith.Content(
        notice=household.SerializeToString()).SerializeToString()


def changed(health, change):
    draft = health.draft(health.event("call-out"), ["housing"])
    change(draft.header)
    return draft


def wrap_for_nobody(header):
    header.slots[0].wrap = bytes(48)


def other_key(header):
    header.slots[0].sealing_key = "0" * 16


def other_commitment(header):
    header.key_commitment = bytes(32)


run_client(behaviour)
