"""A session of an agency with a broker [2, 7, 8]: one DEALER, HELLO, and what comes. And the other
side of one, Hub: a broker that says what a test wants it to say.

It answers heartbeats only while somebody waits, so a test keeps waiting or ends within the
broker's liveness. Nothing here retries: a test wants to see what the broker says.
"""

import time
from copy import deepcopy

import zmq
from zmq.utils.monitor import recv_monitor_message

import kith_client
from kith_client import NORMAL, URGENT, kith

WAIT_S = 30  # a bound for what takes milliseconds
WINDOWS = {URGENT: (64, 1 << 20), NORMAL: (1024, 8 << 20)}
ENDED = zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | \
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | \
    zmq.EVENT_CLOSED


class SessionOver(Exception):
    """BYE, with its reason; or the connection's end, with none."""

    def __init__(self, reason=None, detail=""):
        super().__init__(kith.Reason.Name(reason) if reason else f"connection ended {detail}")
        self.reason = reason


class Connection:
    """A DEALER over CURVE to one endpoint. Each part is handed over as it is."""

    def __init__(self, endpoint, server_key, secret_key, public_key):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        for option, value in ((zmq.LINGER, 0), (zmq.MAXMSGSIZE, 327744), (zmq.SNDHWM, 2176),
                              (zmq.RCVHWM, 2176), (zmq.HANDSHAKE_IVL, 2000),
                              (zmq.HEARTBEAT_IVL, 3000), (zmq.HEARTBEAT_TIMEOUT, 9000),
                              (zmq.RECONNECT_IVL, -1), (zmq.CURVE_SERVERKEY, server_key),
                              (zmq.CURVE_SECRETKEY, secret_key),
                              (zmq.CURVE_PUBLICKEY, public_key)):
            self.socket.set(option, value)
        self.monitor = self.socket.get_monitor_socket(ENDED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self.socket.connect(endpoint)

    def stands(self, timeout=WAIT_S):
        """True once the handshake succeeded; else the (event, value) that ended it."""
        if not self.monitor.poll(timeout * 1000):
            raise SessionOver(detail="no handshake in time")
        said = recv_monitor_message(self.monitor)
        return said["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED or (said["event"], said["value"])

    def send(self, part):
        self.socket.send(part, zmq.NOBLOCK)

    def receive(self, timeout):
        """The next part; None when none came in time. Raises SessionOver at the end."""
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.monitor, zmq.POLLIN)
        ready = dict(poller.poll(max(0, timeout) * 1000))
        if self.socket in ready:
            return self.socket.recv()
        if self.monitor in ready:
            said = recv_monitor_message(self.monitor)
            raise SessionOver(detail=f"{said['event'].name} {said['value']}")
        return None

    def close(self):
        self.socket.disable_monitor()
        self.context.destroy(linger=0)


class Door:
    """A ROUTER over CURVE that lets everybody in and speaks with whom it heard last."""

    def __init__(self, endpoint, secret_key):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        for option, value in ((zmq.LINGER, 0), (zmq.CURVE_SERVER, 1),
                              (zmq.CURVE_SECRETKEY, secret_key)):
            self.socket.set(option, value)
        self.socket.bind(endpoint)
        self.peer = self.heard = None  # whom it speaks with; who said something last

    def send(self, part):
        self.socket.send_multipart([self.peer, part])

    def receive(self, timeout):
        """The next part of its peer, or of anybody while it has none."""
        if not self.socket.poll(max(0, timeout) * 1000):
            return None
        self.heard, part = self.socket.recv_multipart()
        return part if self.peer in (None, self.heard) else None

    def close(self):
        self.context.destroy(linger=0)


class Conversation:
    """What comes over a connection. `unread`: what was not waited for yet, as (verb, message)."""

    def __init__(self, connection):
        self.connection = connection
        self.unread = []
        self.used = {lane: [0, 0] for lane in WINDOWS}  # what was sent here against credit
        self.said = deepcopy(self.used)  # as of the last grant
        self.granted = {lane: (0, 0) for lane in WINDOWS}  # what may be sent there
        self.beat_s, self.last_beat = None, time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, *packets):
        self.connection.send(kith_client.frame(*packets))

    def credit(self):
        return [kith.LaneCredit(lane=lane, messages=self.used[lane][0] + messages,
                                bytes=self.used[lane][1] + size)
                for lane, (messages, size) in WINDOWS.items()]

    def grant(self, credits):
        for one in credits:
            had = self.granted[one.lane]
            self.granted[one.lane] = max(had[0], one.messages), max(had[1], one.bytes)

    def wait(self, verb, fits=lambda message: True, timeout=WAIT_S):
        """The first message of that verb that fits and was not waited for yet. A BYE that is not
        what is waited for ends the session: SessionOver."""
        deadline = time.monotonic() + timeout
        while True:
            for one in self.unread:
                if one[0] == verb and fits(one[1]):
                    self.unread.remove(one)
                    return one[1]
            for name, message in self.unread:
                if name == "bye":
                    raise SessionOver(message.reason)
            if time.monotonic() > deadline:
                raise SessionOver(detail=f"no {verb} in {timeout} s, but "
                                  f"{[name for name, _ in self.unread]}")
            self.hear(deadline)

    def hear(self, deadline):
        """Until something has come, or the next heartbeat or the deadline is due."""
        if self.beat_s and (self.low() or time.monotonic() - self.last_beat > self.beat_s):
            self.send(kith_client.packet(credit=kith.Credit(credit=self.credit())))
            self.last_beat, self.said = time.monotonic(), deepcopy(self.used)
        due = min(deadline, self.last_beat + self.beat_s) if self.beat_s else deadline
        part = self.connection.receive(due - time.monotonic() + 0.001)
        for one in kith_client.packets_of(part) if part else ():
            verb = one.WhichOneof("verb")
            message = getattr(one, verb)
            if verb == "credit":
                self.grant(message.credit)
            elif verb in ("deliver", "publish"):
                self.count(message.envelope)
            self.unread.append((verb, message))

    def low(self):
        """Half of a window is used since the last grant."""
        return any(now - then >= window / 2 for lane, windows in WINDOWS.items()
                   for now, then, window in zip(self.used[lane], self.said[lane], windows))

    def count(self, envelope):
        lane = kith.Header.FromString(envelope.header).id.lane
        self.used[lane][0] += 1
        self.used[lane][1] += envelope.ByteSize()

    def bye(self, timeout=WAIT_S):
        """The reason of the BYE that must come."""
        return self.wait("bye", timeout=timeout).reason


class Session(Conversation):
    """An agency's side."""

    def __init__(self, agency, broker, server_key=None, secrets=None):
        self.agency, self.broker = agency, broker
        member = agency.partnership.brokers[broker]
        secret, public = secrets or (agency.secrets.transport, agency.me.transport)
        super().__init__(Connection(member.endpoint, server_key or member.transport, secret,
                                    public))

    def hello(self, **changes):
        """Says HELLO with these fields changed, and waits for WELCOME."""
        self.say_hello(**changes)
        welcome = self.wait("welcome")
        self.beat_s = min(welcome.liveness_ms / 3000, 10)
        self.grant(welcome.credit)
        return welcome

    def say_hello(self, **changes):
        agency = self.agency
        dial = agency.dials[self.broker] = agency.dials.get(self.broker, 0) + 1
        fields = {"protocol": 1, "partnership": agency.partnership.id,
                  "partnership_version": agency.partnership.version, "agency": agency.name,
                  "epoch": agency.me.epoch, "boot": agency.boot, "dial": dial,
                  "instance": agency.instance, "credit": self.credit(), **changes}
        if self.connection.stands() is not True:
            raise SessionOver(detail="at the handshake")
        self.send(kith_client.packet(hello=kith.Hello(**fields)))

    def publish(self, *envelopes, owed=None):
        """One frame for each: an envelope may be as large as a frame."""
        for envelope in envelopes:
            names = owed if owed is not None else \
                [slot.agency for slot in kith.Header.FromString(envelope.header).slots]
            self.send(kith_client.packet(publish=kith.Publish(envelope=envelope, owed=names)))

    # ---- what a good agency does -------------------------------------------------------------

    def deliver(self, origin=None):
        """The next DELIVER, of that origin; not answered."""
        def fits(message):
            return origin in (None, kith.Header.FromString(message.envelope.header).id.origin)
        return self.wait("deliver", fits)

    def take(self, origin=None):
        """The next DELIVER, answered as it should be."""
        deliver = self.deliver(origin)
        self.send(*filter(None, self.agency.take(deliver)))
        return deliver

    def receipt(self, fits=lambda receipt: True):
        """The next RECEIPT whose statement fits, taken. (receipt, fits the chain, packet)"""
        while True:
            carried = self.wait("receipt")
            self.send(kith_client.packet(taken=kith.Taken(tokens=[carried.token])))
            receipt, walked = self.agency.read_receipt(carried)
            if fits(receipt):
                return receipt, walked, carried

    def refusal(self):
        refused = self.wait("refused")
        if refused.token:
            self.send(kith_client.packet(taken=kith.Taken(tokens=[refused.token])))
        return self.agency.read_refusal(refused, self.broker)


class Hub(Conversation):
    """A broker's side, with one agency at a time: no store, no rules, and any lie."""

    def __init__(self, partnership, broker, secret):
        super().__init__(Door(partnership.brokers[broker].endpoint, secret))
        self.partnership, self.broker, self.tokens = partnership, broker, 0

    def greet(self, agency):
        """Waits for that agency's HELLO, and welcomes it."""
        hello = self.wait_hello(agency)
        self.grant(hello.credit)
        self.say_welcome(hello)
        self.beat_s = 1
        return hello

    def wait_hello(self, agency):
        self.connection.peer = None
        hello = self.wait("hello", lambda said: said.agency == agency)
        self.connection.peer = self.connection.heard
        return hello

    def say_welcome(self, hello, **changes):
        fields = {"broker": self.broker, "store_epoch": bytes(15) + b"1",
                  "partnership_version": self.partnership.version, "liveness_ms": 30000,
                  "credit": self.credit(), "dial": hello.dial, **changes}
        self.send(kith_client.packet(welcome=kith.Welcome(**fields)))

    def deliver(self, envelope):
        """Hands it over; the TAKEN that answers it."""
        self.tokens += 1
        self.send(kith_client.packet(deliver=kith.Deliver(token=self.tokens, envelope=envelope)))
        return self.wait("taken", lambda said: self.tokens in said.tokens)
