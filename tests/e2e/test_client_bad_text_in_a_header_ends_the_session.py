"""A string of a header that is not UTF-8, holds a NUL or is no name makes the envelope malformed,
however well it is signed: BYE(MALFORMED), and nobody else gets a byte of it."""

from client_house import Session, begins_again, ended, run_client
from kith_client import LEAF, ROOT, digest, kith, sign


BAD = (b"\xff\xfe\xfd", b"\xe2\x82\x41", b"\xc0\x80a", b"\xed\xa0\x80", b"a\x00b", b"A-b", b"a b",
       b"-ab", b"a\nb")
PLACES = {"agency": lambda header: setattr(header.slots[0], "agency", "###"),
          "origin": lambda header: setattr(header.id, "origin", "###"),
          "partnership": lambda header: setattr(header, "partnership", "###"),
          "clause": lambda header: setattr(header, "clause", "###"),
          "topic_class": lambda header: setattr(header, "topic_class", "###"),
          "signing_key": lambda header: setattr(header, "signing_key", "###"),
          "sealing_key": lambda header: setattr(header.slots[0], "sealing_key", "###")}


def behaviour(house, health):
    for place in PLACES.values():
        for bad in BAD:
            with Session(health, "hub-a") as session:
                session.hello()
                session.publish(spoilt(health, place, bad), owed=["housing"])
                ended(session, kith.REASON_MALFORMED)
    begins_again(house, health)


def spoilt(health, place, bad):
    draft = health.draft(health.event("call-out"), ["housing"], n=1)
    place(draft.header)
    header = draft.header.SerializeToString().replace(b"###", bad)
    leaf = digest(LEAF, header)
    proof = kith.Proof(count=1, signature=sign(health.secrets.signing, ROOT, leaf))
    return kith.Envelope(header=header, proof=proof, content=draft.content)


run_client(behaviour)
