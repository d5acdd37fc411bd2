"""A broker hands an agent forged copies of a number still to come: each is TAKEN as bad with its
reason, none is a message, and the true one is still delivered under that number."""

from nacl import bindings as sodium

from client_house import run_client, sealed, secrets
from house import same
from kith_client import Agency, Secrets, key_name, kith
from kith_session import Hub


def behaviour(house, health):
    partnership = health.partnership
    with Hub(partnership, "hub-b", secrets(house, "hub-b").transport) as hub:
        hub.greet("housing")
        true = health.envelope("call-out", "housing")
        for name, (envelope, reason) in forgeries(house, health, true).items():
            same(kith.Reason.Name(hub.deliver(envelope).bad), kith.Reason.Name(reason), name)
        same([one for one in house.feed("housing") if one["origin"] == "health"], [], "shown")
        same(hub.deliver(true).bad, 0, "the true one")
        receipt, walked = health.read_receipt(hub.wait("receipt"))
        same((receipt.n, list(receipt.exceptions), walked), (1, [], True), "its receipt")
        same("receipt" in dict(hub.unread), False, "another receipt")
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 1, "shown")


def forgeries(house, health, true):
    """name → (envelope, reason)"""
    attacker = Agency(health.partnership, "health", Secrets(bytes(32), bytes(32), bytes(32)))
    public, _ = sodium.crypto_sign_seed_keypair(bytes(32))
    changed = kith.Envelope()
    changed.CopyFrom(true)
    changed.content = bytes(len(true.content))
    cut = kith.Envelope()
    cut.CopyFrom(true)
    cut.header = true.header[:-1]

    def by(agency, **fields):
        return sealed(agency, lambda header: header.MergeFrom(kith.Header(**fields)))
    return {
        "another's signature": (sealed(attacker), kith.REASON_BAD_SIGNATURE),
        "another's key": (by(attacker, signing_key=key_name(public)), kith.REASON_UNKNOWN_KEY),
        "other content": (changed, kith.REASON_BAD_SIGNATURE),
        "cut": (cut, kith.REASON_MALFORMED),
        "nothing": (kith.Envelope(), kith.REASON_MALFORMED),
        "othertown": (by(health, partnership="othertown"), kith.REASON_WRONG_PARTNERSHIP),
        "nobody's": (by(health, id=kith.EnvelopeId(origin="nobody")), kith.REASON_NOT_YOUR_NAME),
        "for police": (sealed(health, to=("police",)), kith.REASON_UNKNOWN_RECIPIENT),
        "another epoch": (sealed(health, lambda header: setattr(header.slots[0], "epoch", 2)),
                          kith.REASON_WRONG_EPOCH)}


run_client(behaviour, brokers=("hub-a", "hub-b"))
