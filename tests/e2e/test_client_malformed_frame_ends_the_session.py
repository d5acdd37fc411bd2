"""What is not a frame is answered BYE(MALFORMED) and nothing of it is used, also not the good
packet in front; a frame of no packets does nothing, and several parts are dropped."""

from client_house import Session, goes_on, run_client, sealed
from house import same
from kith_client import frame, kith, packet


def behaviour(house, health):
    good = packet(publish=kith.Publish(envelope=sealed(health), owed=["housing"]))
    whole = frame(good)
    shapes = {
        "empty": b"", "one byte": b"K", "head cut": b"KT\x01", "bad magic": b"XX" + whole[2:],
        "another version": b"KT\x02\x00" + whole[4:], "fourth byte": b"KT\x01\x01" + whole[4:],
        "packet of no length": whole + bytes(4), "length cut": whole + b"\x01\x00",
        "length beyond the end": whole + b"\x05\x00\x00\x00abcd",
        "huge length": whole + b"\xff\xff\xff\xff", "packet cut": whole[:-1],
        "byte left over": whole + b"\x00", "bare packet": good}
    for name, part in shapes.items():
        with Session(health, "hub-a") as session:
            session.hello()
            session.connection.send(part)
            same(session.bye(), kith.REASON_MALFORMED, name)
    with Session(health, "hub-a") as session:
        session.hello()
        session.connection.send(frame())
        session.connection.socket.send_multipart([whole, whole])
        session.connection.socket.send_multipart([b"", whole])
        goes_on(session)
    same(len([one for one in house.feed("housing") if one["origin"] == "health"]), 1,
         "what housing has of health")


run_client(behaviour)
