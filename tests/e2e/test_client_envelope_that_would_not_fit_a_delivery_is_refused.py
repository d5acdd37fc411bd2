"""An envelope grown by fields that nobody knows, so that its DELIVER would be more than a frame, is
refused as TOO_LARGE; a little less, and it arrives as it was sent."""

from client_house import Session, goes_on, run_client, sealed
from house import same
from kith_client import FRAME_SIZE_MAX, kith


def behaviour(house, health, care):
    with Session(health, "hub-a") as session, Session(care, "hub-a") as other:
        session.hello()
        other.hello()
        publish(session, grown(sealed(health, to=("social-care",)), FRAME_SIZE_MAX - 39))
        same(kith.Reason.Name(session.refusal().reason), "REASON_TOO_LARGE", "refused")
        fits = grown(health.envelope("call-out", "social-care"), FRAME_SIZE_MAX - 40)
        publish(session, fits)
        same(other.take("health").envelope.SerializeToString(), fits.SerializeToString(),
             "what arrived")
        receipt, walked, _ = session.receipt()
        same((receipt.n, walked), (1, True), "its receipt")
        goes_on(session)


def publish(session, envelope):
    session.publish(envelope, owed=["social-care"])


def grown(envelope, size):
    """With field 1000 in it: this many bytes in all."""
    made = envelope.SerializeToString()
    rest = size - len(made) - 5
    made += b"\xc2\x3e" + bytes([rest & 0x7f | 0x80, rest >> 7 & 0x7f | 0x80, rest >> 14])
    return kith.Envelope.FromString(made + bytes(rest))


run_client(behaviour, clients=("health", "social-care"))
