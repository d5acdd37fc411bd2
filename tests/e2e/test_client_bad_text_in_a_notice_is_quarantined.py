"""Text inside the seal that is not UTF-8, or holds a NUL, is quarantined as CONTENT_MALFORMED; no
log and no other notice is touched."""

from client_house import Session, goes_on, run_client
from house import holds, same
from kith_client import kith


BAD = {"a bad byte": b"\xff", "a cut character": b"\xe2\x82", "an overlong NUL": b"\xc0\x80",
       "a lone surrogate": b"\xed\xa0\x80", "beyond Unicode": b"\xf4\x90\x80\x80",
       "a NUL": b"a\x00b"}
FIELDS = ("narrative", "kind", "cost_code")


def behaviour(house, health):
    with Session(health, "hub-a") as session:
        session.hello()
        number = 0
        for bad in BAD.values():
            for field in FIELDS:
                number += 1
                session.publish(*health.sign([spoilt(health, field, bad)]))
        _, walked, _ = session.receipt(lambda receipt: receipt.n == number)
        holds(walked, "the chain")
        stream = health.stream_to("housing", kith.LANE_NORMAL)
        same(set(stream.outcomes.values()),
             {(kith.OUTCOME_QUARANTINED, kith.REASON_CONTENT_MALFORMED)}, "outcomes")
        goes_on(session)


def spoilt(health, field, bad):
    """An event whose field holds these bytes: a place holder of their size is replaced."""
    notice = health.event("call-out")
    holder = b"CANARY-7f3a" + b"#" * len(bad)
    setattr(notice.event, field, holder.decode("ascii"))
    inside = kith.Content(notice=notice.SerializeToString()).SerializeToString()
    return health.draft(health.event("call-out"), ["housing"],
                        content=inside.replace(b"#" * len(bad), bad))


run_client(behaviour)
