"""An agent ignores a broker that welcomes another dial, speaks before its WELCOME, sends what is no
frame or packet, verbs that only an agent says, and refusals and receipts that nobody signed; then
it takes what is true."""

from client_house import run_client, secrets
from house import same
from kith_client import kith, packet
from kith_session import Hub


def behaviour(house, health):
    with Hub(health.partnership, "hub-b", secrets(house, "hub-b").transport) as hub:
        hello = hub.wait_hello("housing")
        hub.grant(hello.credit)
        hub.say_welcome(hello, dial=hello.dial + 1)
        hub.say_welcome(hello)
        for part in NO_FRAMES:
            hub.connection.send(part)
        hub.send(b"\xff\xff", b"\x98\x01\x01", *(packet(**verb) for verb in VERBS))
        forged = kith.Signed(statement=b"\x0a\x0bexampletown", signature=bytes(64))
        hub.send(packet(refused=kith.Refused(refusal=forged, token=1001)),
                 packet(receipt=kith.ReceiptPacket(receipt=forged, token=1002, origin="housing",
                                                   lane=kith.LANE_NORMAL)))
        taken = set()
        while taken != {1001, 1002}:
            taken.update(hub.wait("taken").tokens)
        same(hub.deliver(health.envelope("call-out", "housing")).bad, 0, "the true one")
        receipt, walked = health.read_receipt(hub.wait("receipt"))
        same((receipt.n, walked), (1, True), "its receipt")


NO_FRAMES = (b"", b"K", b"XX\x01\x00", b"KT\x01\x00\x00\x00\x00\x00",
             b"KT\x01\x00\x05\x00\x00\x00a")
VERBS = ({"hello": kith.Hello()}, {"publish": kith.Publish()}, {"taken": kith.Taken(tokens=[1])},
         {"accepted": kith.Accepted()}, {"accepted": kith.Accepted(recipients=["health"])},
         {"later": kith.Later(recipient="health", reason=kith.REASON_DISK_FULL)},
         {"stale": kith.Stale(partnership_version=9, recipients=["health"])},
         {"presence": kith.Presence(agency="nobody")},
         {"credit": kith.Credit(credit=[kith.LaneCredit(lane=7, messages=1, bytes=1)])})


run_client(behaviour, brokers=("hub-a", "hub-b"))
