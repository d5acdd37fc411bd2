"""A client of Kith, from proto/PROTOCOL.md and proto/kith.proto alone: the proof that the text is
enough. It stands beside real agents in the end-to-end tests.

Numbers in brackets are the sections of PROTOCOL.md. This file makes and reads what travels;
kith_session.py moves it. It keeps its state in memory only: a test's agency never restarts.

  agency = Agency(partnership, "health", secrets)
  draft = agency.draft(agency.event("call-out"), ["housing"])   # numbered and sealed
  (envelope,) = agency.sign([draft])                            # one tree, one signature
  outcome, answers = agency.take(deliver)                       # what came, and what to say to it
"""

import hashlib
import os
import sys
import time
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

sys.path.insert(0, os.path.join(os.environ["KITH_BIN"], "tests", "client"))

import kith_pb2 as kith  # noqa: E402

LEAF, NODE, ROOT, RECEIPT, REFUSAL = range(5)
CONTENT, KEY, CHAIN, KEY_NAME, WRAP = range(6, 11)
STEPS = (1024, 4096, 16384, 65536, 262144)
TAG_SIZE = 16
FRAME_SIZE_MAX = 320 * 1024
HEADER_SIZE_MAX = 24 * 1024
SLOTS_MAX = LEAVES_MAX = 64
URGENT, NORMAL = kith.LANE_URGENT, kith.LANE_NORMAL
LANE_WORDS = {URGENT: "urgent", NORMAL: "normal"}
BODIES = {"event": "event", "referral": "referral", "referral-answer": "referral_answer",
          "alert": "alert", "reply": "reply", "household": "household_change", "seen": "seen",
          "directory": "directory",
          "alert-change": "alert_change", "disagreement": "disagreement"}


class NotAFrame(Exception):
    pass


class Fault(Exception):
    """Why an envelope is no message, or is quarantined."""

    def __init__(self, reason, quarantined=False):
        super().__init__(kith.Reason.Name(reason))
        self.reason, self.quarantined = reason, quarantined


# ---- frames [3] -----------------------------------------------------------------------------


def packet(**verb):
    """packet(hello=…): the bytes of one packet."""
    return kith.Packet(**verb).SerializeToString()


def frame(*packets):
    return b"KT\x01\x00" + b"".join(len(one).to_bytes(4, "little") + one for one in packets)


def packets_of(part):
    if len(part) > FRAME_SIZE_MAX or part[:4] != b"KT\x01\x00":
        raise NotAFrame("head")
    found, at = [], 4
    while at < len(part):
        size = int.from_bytes(part[at:at + 4], "little")
        at += 4
        if size == 0 or at + size > len(part):
            raise NotAFrame("length")
        found.append(kith.Packet.FromString(part[at:at + size]))
        at += size
    return found


# ---- hashes, keys, signatures [4] -----------------------------------------------------------


def digest(tag, *parts):
    return hashlib.blake2b(bytes([tag]) + b"".join(parts), digest_size=32).digest()


def key_name(public):
    return digest(KEY_NAME, public)[:8].hex()


def sign(seed, tag, message):
    _, secret = sodium.crypto_sign_seed_keypair(seed)
    return sodium.crypto_sign(bytes([tag]) + message, secret)[:64]


def signature_fits(public, tag, message, signature):
    try:
        sodium.crypto_sign_open(signature + bytes([tag]) + message, public)
    except (CryptoError, ValueError):
        return False
    return True


def encrypt(key, nonce, plain, extra=b""):
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, extra, nonce, key)


def decrypt(key, nonce, sealed, extra=b""):
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, extra, nonce, key)


# ---- the tree [5, step 6] -------------------------------------------------------------------


def tree_path(leaves, index):
    """(root, the siblings of that leaf from below)."""
    path = []
    while len(leaves) > 1:
        if index ^ 1 < len(leaves):
            path.append(leaves[index ^ 1])
        pairs = [leaves[i:i + 2] for i in range(0, len(leaves), 2)]
        leaves = [digest(NODE, *pair) if len(pair) == 2 else pair[0] for pair in pairs]
        index //= 2
    return leaves[0], path


def root_of(leaf, proof):
    """The root that this leaf's place leads to; None when index, count and path do not fit."""
    if not 1 <= proof.count <= LEAVES_MAX or proof.index >= proof.count:
        return None
    node, index, width, path = leaf, proof.index, proof.count, list(proof.path)
    while width > 1:
        if index ^ 1 < width:
            if not path or len(path[0]) != 32:
                return None
            sibling = path.pop(0)
            node = digest(NODE, sibling, node) if index % 2 else digest(NODE, node, sibling)
        index, width = index // 2, (width + 1) // 2
    return node if not path else None


# ---- the seal [5, steps 2 to 4] -------------------------------------------------------------


def padded(content):
    step = next(step for step in STEPS if len(content) + 1 <= step)
    return content + b"\x80" + bytes(step - len(content) - 1)


def unpadded(plain):
    bare = plain.rstrip(b"\0")
    if not bare.endswith(b"\x80"):
        raise Fault(kith.REASON_CONTENT_MALFORMED, quarantined=True)
    return bare[:-1]


def wrap_key(secret, public, half, recipient):
    return digest(WRAP, sodium.crypto_scalarmult(secret, public), half, recipient)


def wrap_extra(partnership, eid, recipient):
    return "\n".join(["kith-wrap-1", partnership, eid.origin, str(eid.epoch), LANE_WORDS[eid.lane],
                      str(eid.seq), recipient]).encode("ascii")


# ---- what the partnership file says ---------------------------------------------------------


@dataclass
class Member:
    """An agency or a broker by its public keys. `old`: signing keys that are revoked."""
    epoch: int
    transport: bytes
    signing: bytes
    sealing: bytes = b""
    endpoint: str = ""
    revoked: tuple = ()


@dataclass
class Topic:
    kind: str  # its class: `class` is Python's own word
    body: str
    lane: int


@dataclass
class Clause:
    classes: tuple
    origins: tuple
    recipients: tuple

    def allows(self, origin, kind, recipient):
        return kind in self.classes and all(one in names or "*" in names for one, names in (
            (origin, self.origins), (recipient, self.recipients)))


@dataclass
class Partnership:
    id: str
    version: int
    exercise: bool
    agencies: dict
    brokers: dict
    topics: dict
    clauses: dict


@dataclass
class Secrets:
    transport: bytes
    signing: bytes
    sealing: bytes = b""


# ---- streams [10, 11] -----------------------------------------------------------------------


@dataclass
class Sent:
    """One stream as its origin sees it: digests by number, and how far it is receipted."""
    last: int = 0
    digests: dict = field(default_factory=dict)
    receipted: int = 0
    chain: bytes = b""
    outcomes: dict = field(default_factory=dict)

    def walk(self, receipt):
        """Takes the receipt when its chain fits what was sent; says whether it did."""
        odd = {one.n: one for one in receipt.exceptions}
        chain, outcomes = self.chain, {}
        for n in range(self.receipted + 1, receipt.n + 1):
            outcome = odd[n].outcome if n in odd else kith.OUTCOME_DELIVERED
            outcomes[n] = (outcome, odd[n].reason if n in odd else 0)
            chain = digest(CHAIN, chain, self.digests[n], bytes([outcome]))
        if chain != receipt.chain:
            return False
        self.receipted, self.chain = max(self.receipted, receipt.n), chain
        self.outcomes.update(outcomes)
        return True


@dataclass
class Taken:
    """One stream as its recipient sees it: a mark, and what waits beyond the gap."""
    mark: int = 0
    chains: list = field(default_factory=lambda: [b""])
    taken: dict = field(default_factory=dict)   # n → (digest, outcome, reason, envelope)
    parked: dict = field(default_factory=dict)  # n → envelope


@dataclass
class Draft:
    """An envelope before its signature: a test may still change it."""
    header: kith.Header
    content: bytes


class Agency:
    """One agency's side of everything but the socket."""

    def __init__(self, partnership, name, secrets):
        self.partnership, self.name, self.secrets = partnership, name, secrets
        self.me = partnership.agencies[name]
        self.half = os.urandom(32)
        self.seqs = {URGENT: 0, NORMAL: 0}
        self.sent, self.taken = {}, {}  # by (agency, its epoch, lane)
        self.applied = {}               # (origin, notice id) → Notice
        self.boot, self.instance, self.dials = 1, os.urandom(16), {}

    # ---- making [5] --------------------------------------------------------------------------

    def notice(self, topic, **body):
        """notice("call-out", event=kith.Event(…))"""
        now = int(time.time() * 1000)
        made = now.to_bytes(6, "big") + os.urandom(10)  # UUIDv7: time, version, chance
        made = made[:6] + bytes([0x70 | made[6] & 0x0f, made[7], 0x80 | made[8] & 0x3f]) + made[9:]
        return kith.Notice(id=made, origin=self.name, topic=topic, created_ms=now,
                           author="duty officer", exercise=self.partnership.exercise, **body)

    def event(self, topic, text="CANARY-7f3a said by a client"):
        return self.notice(topic, event=kith.Event(kind=topic, narrative=text,
                                                   occurred_ms=int(time.time() * 1000)))

    def stream_to(self, recipient, lane):
        epoch = self.partnership.agencies[recipient].epoch
        return self.sent.setdefault((recipient, epoch, lane), Sent())

    def eid(self, lane):
        self.seqs[lane] += 1
        return kith.EnvelopeId(origin=self.name, epoch=self.me.epoch, lane=lane,
                               seq=self.seqs[lane])

    def draft(self, notice, recipients, clause="1", n=None, content=None):
        """Takes the next numbers, or `n`, and seals. `content` stands for the encoded Content."""
        topic = self.partnership.topics[notice.topic]
        key, nonce = os.urandom(32), os.urandom(24)
        if content is None:
            content = kith.Content(notice=notice.SerializeToString()).SerializeToString()
        sealed = encrypt(key, nonce, padded(content))
        header = kith.Header(
            partnership=self.partnership.id, partnership_version=self.partnership.version,
            id=self.eid(topic.lane), signing_key=key_name(self.me.signing), topic_class=topic.kind,
            clause=clause, exercise=notice.exercise, created_ms=notice.created_ms,
            content_digest=digest(CONTENT, sealed), key_commitment=digest(KEY, key),
            sender_half=sodium.crypto_scalarmult_base(self.half), nonce=nonce, salt=os.urandom(16))
        for recipient in recipients:
            header.slots.append(self.slot(header, recipient, key, n))
        return Draft(header, sealed)

    def slot(self, header, recipient, key, n=None):
        member = self.partnership.agencies[recipient]
        if n is None:
            stream = self.stream_to(recipient, header.id.lane)
            stream.last += 1
            n = stream.last
        wrapping = wrap_key(self.half, member.sealing, header.sender_half, member.sealing)
        extra = wrap_extra(header.partnership, header.id, recipient)
        return kith.Slot(agency=recipient, epoch=member.epoch, n=n,
                         sealing_key=key_name(member.sealing),
                         wrap=encrypt(wrapping, header.nonce, key, extra))

    def void(self, recipient, n, lane=NORMAL, reason=kith.REASON_WITHDRAWN, replaces=None):
        """A draft that closes number n, whose envelope had this digest. [12]"""
        replaces = replaces or self.stream_to(recipient, lane).digests[n]
        return Draft(kith.Header(
            partnership=self.partnership.id, partnership_version=self.partnership.version,
            id=self.eid(lane), signing_key=key_name(self.me.signing),
            exercise=self.partnership.exercise, created_ms=int(time.time() * 1000),
            salt=os.urandom(16), void=kith.Void(replaces=replaces, reason=reason),
            slots=[kith.Slot(agency=recipient, n=n,
                             epoch=self.partnership.agencies[recipient].epoch)]), b"")

    def sign(self, drafts, seed=None, keep=True):
        """Their envelopes, under one signature; kept as what those numbers are, unless a lie."""
        headers = [draft.header.SerializeToString() for draft in drafts]
        leaves = [digest(LEAF, header) for header in headers]
        envelopes = []
        for index, draft in enumerate(drafts):
            root, path = tree_path(leaves, index)
            proof = kith.Proof(index=index, count=len(leaves), path=path,
                               signature=sign(seed or self.secrets.signing, ROOT, root))
            envelopes.append(kith.Envelope(header=headers[index], proof=proof,
                                           content=draft.content))
            if keep:
                self.remember(draft.header, leaves[index])
        return envelopes

    def remember(self, header, leaf):
        for slot in header.slots:
            stream = self.sent.get((slot.agency, slot.epoch, header.id.lane))
            if stream and not (header.HasField("void") and slot.n in stream.digests):
                stream.digests[slot.n] = leaf

    def envelope(self, topic, *recipients, **options):
        """One event to them, ready to publish."""
        return self.sign([self.draft(self.event(topic), recipients, **options)])[0]

    # ---- checking and opening [6] ------------------------------------------------------------

    def verify(self, envelope):
        """(a) to (e): the header of what somebody really said. Raises Fault."""
        header = read_header(envelope)
        if header.partnership != self.partnership.id:
            raise Fault(kith.REASON_WRONG_PARTNERSHIP)
        origin = self.partnership.agencies.get(header.id.origin)
        if origin is None:
            raise Fault(kith.REASON_NOT_YOUR_NAME)
        if header.signing_key in [key_name(key) for key in origin.revoked]:
            raise Fault(kith.REASON_KEY_REVOKED)
        if header.signing_key != key_name(origin.signing):
            raise Fault(kith.REASON_UNKNOWN_KEY)
        root = root_of(digest(LEAF, envelope.header), envelope.proof)
        if root is None or not signature_fits(origin.signing, ROOT, root, envelope.proof.signature):
            raise Fault(kith.REASON_BAD_SIGNATURE)
        if envelope.content and digest(CONTENT, envelope.content) != header.content_digest:
            raise Fault(kith.REASON_BAD_SIGNATURE)
        return header

    def my_slot(self, header):
        """(f)"""
        slot = next((one for one in header.slots if one.agency == self.name), None)
        if slot is None:
            raise Fault(kith.REASON_UNKNOWN_RECIPIENT)
        if slot.epoch != self.me.epoch:
            raise Fault(kith.REASON_WRONG_EPOCH)
        return slot

    def open(self, envelope, header, slot):
        """(g) to (j): the Content and its Notice. Raises Fault."""
        key = self.content_key(header, slot)
        try:
            content = kith.Content.FromString(
                unpadded(decrypt(key, header.nonce, envelope.content)))
            notice = kith.Notice.FromString(content.notice)
        except (CryptoError, DecodeError):
            raise Fault(kith.REASON_CONTENT_MALFORMED, quarantined=True) from None
        if len(notice.id) != 16 or any(len(one) not in (0, 16)
                                       for one in (notice.household, *notice.caused_by)):
            raise Fault(kith.REASON_CONTENT_MALFORMED, quarantined=True)
        topic = self.partnership.topics.get(notice.topic)
        if topic is None or topic.kind != header.topic_class or \
                BODIES[topic.body] != notice.WhichOneof("body") or \
                notice.origin != header.id.origin or notice.exercise != header.exercise:
            raise Fault(kith.REASON_NOT_WHAT_TOPIC_SAID, quarantined=True)
        clause = self.partnership.clauses.get(header.clause)
        if clause is None:
            raise Fault(kith.REASON_UNKNOWN_CLAUSE, quarantined=True)
        if not clause.allows(header.id.origin, header.topic_class, self.name):
            raise Fault(kith.REASON_TOPIC_NOT_ALLOWED, quarantined=True)
        return content, notice

    def content_key(self, header, slot):
        """(g)"""
        try:
            wrapping = wrap_key(self.secrets.sealing, header.sender_half, header.sender_half,
                                self.me.sealing)
            key = decrypt(wrapping, header.nonce, slot.wrap,
                          wrap_extra(header.partnership, header.id, self.name))
        except (CryptoError, RuntimeError):
            key = b""
        if slot.sealing_key != key_name(self.me.sealing) or \
                digest(KEY, key) != header.key_commitment:
            raise Fault(kith.REASON_CANNOT_OPEN, quarantined=True)
        return key

    # ---- taking [10] -------------------------------------------------------------------------

    def take(self, deliver):
        """(TAKEN, RECEIPT or None) as packets: what to answer to one DELIVER."""
        taken = kith.Taken(tokens=[deliver.token])
        try:
            header = self.verify(deliver.envelope)
            slot = self.my_slot(header)
        except Fault as fault:
            taken.bad = fault.reason
            return packet(taken=taken), None
        key = (header.id.origin, header.id.epoch, header.id.lane)
        stream = self.taken.setdefault(key, Taken())
        start, shown = stream.mark, None
        if slot.n > stream.mark:
            stream.parked.setdefault(slot.n, deliver.envelope)
        else:
            start, shown = slot.n - 1, equivocation(stream, slot.n, header, deliver.envelope)
        while stream.mark + 1 in stream.parked:
            self.take_number(stream, stream.parked.pop(stream.mark + 1))
        return packet(taken=taken), self.receipt(key, start, shown)

    def take_number(self, stream, envelope):
        header = read_header(envelope)
        outcome, reason = self.outcome_of(envelope, header)
        leaf = digest(LEAF, envelope.header)
        stream.mark += 1
        stream.taken[stream.mark] = (leaf, outcome, reason, envelope)
        stream.chains.append(digest(CHAIN, stream.chains[-1], leaf, bytes([outcome])))

    def outcome_of(self, envelope, header):
        if header.HasField("void"):
            return kith.OUTCOME_VOIDED, header.void.reason
        try:
            _, notice = self.open(envelope, header, self.my_slot(header))
        except Fault as fault:
            return kith.OUTCOME_QUARANTINED, fault.reason
        if (header.id.origin, notice.id) in self.applied:
            return kith.OUTCOME_REPEAT, 0
        self.applied[header.id.origin, notice.id] = notice
        late = 0 < notice.expires_ms < time.time() * 1000
        return kith.OUTCOME_DELIVERED_LATE if late else kith.OUTCOME_DELIVERED, 0

    # ---- receipts [11] -----------------------------------------------------------------------

    def receipt(self, key, start, shown=None):
        """The packet that says: I have all of that stream."""
        stream, (origin, epoch, lane) = self.taken[key], key
        made = kith.Receipt(
            partnership=self.partnership.id, n=stream.mark, chain=stream.chains[stream.mark],
            highest_parked=max(stream.parked, default=0), made_ms=int(time.time() * 1000),
            signing_key=key_name(self.me.signing),
            stream=kith.StreamId(origin=origin, origin_epoch=epoch, lane=lane,
                                 recipient=self.name, recipient_epoch=self.me.epoch))
        setattr(made, "from", start)  # a word of Python's own
        for n in range(start + 1, stream.mark + 1):
            _, outcome, reason, _ = stream.taken[n]
            if outcome != kith.OUTCOME_DELIVERED:
                made.exceptions.add(n=n, outcome=outcome, reason=reason)
        return self.receipt_packet(made, shown)

    def receipt_packet(self, receipt, shown=None, seed=None):
        carried = kith.ReceiptPacket(receipt=self.signed(receipt, RECEIPT, seed),
                                     origin=receipt.stream.origin, lane=receipt.stream.lane)
        if shown:
            carried.shown_header = shown.header
            carried.shown_proof.CopyFrom(shown.proof)
        return packet(receipt=carried)

    def signed(self, statement, tag, seed=None):
        said = statement.SerializeToString()
        return kith.Signed(statement=said,
                           signature=sign(seed or self.secrets.signing, tag, said))

    def read_receipt(self, carried):
        """The verified Receipt inside a RECEIPT, walked along the chain; (receipt, fits)."""
        receipt = kith.Receipt.FromString(carried.receipt.statement)
        maker = self.partnership.agencies[receipt.stream.recipient]
        if receipt.partnership != self.partnership.id or \
                receipt.signing_key != key_name(maker.signing) or \
                not signature_fits(maker.signing, RECEIPT, carried.receipt.statement,
                                   carried.receipt.signature):
            raise Fault(kith.REASON_BAD_SIGNATURE)
        if receipt.stream.origin != self.name or receipt.stream.origin_epoch != self.me.epoch:
            return receipt, False
        stream = self.sent[receipt.stream.recipient, receipt.stream.recipient_epoch,
                           receipt.stream.lane]
        if receipt.n > stream.last:
            return receipt, False
        return receipt, receipt.n < stream.receipted or stream.walk(receipt)

    def read_refusal(self, refused, broker):
        """The verified Refusal inside a REFUSED of that broker."""
        refusal = kith.Refusal.FromString(refused.refusal.statement)
        ring = self.partnership.brokers[broker]
        if refusal.partnership != self.partnership.id or refusal.broker != broker or \
                refusal.signing_key != key_name(ring.signing) or \
                not signature_fits(ring.signing, REFUSAL, refused.refusal.statement,
                                   refused.refusal.signature):
            raise Fault(kith.REASON_BAD_SIGNATURE)
        return refusal


def read_header(envelope):
    """(a): the header, when it keeps its rules."""
    try:
        header = kith.Header.FromString(envelope.header)
    except DecodeError:
        raise Fault(kith.REASON_MALFORMED) from None
    void = header.HasField("void")
    names = [slot.agency for slot in header.slots]
    sizes = [(header.salt, 16)]
    if not void:
        sizes += [(header.content_digest, 32), (header.key_commitment, 32),
                  (header.sender_half, 32), (header.nonce, 24)]
        sizes += [(slot.wrap, 48) for slot in header.slots]
    if len(envelope.header) > HEADER_SIZE_MAX or not 1 <= len(names) <= SLOTS_MAX or \
            len(set(names)) != len(names) or header.id.lane not in LANE_WORDS or \
            not all((header.partnership_version, header.id.epoch, header.id.seq)) or \
            not all(slot.n and slot.epoch for slot in header.slots) or \
            any(len(value) != size for value, size in sizes) or \
            len(envelope.content) not in ([0] if void else [step + TAG_SIZE for step in STEPS]):
        raise Fault(kith.REASON_MALFORMED)
    return header


def equivocation(stream, n, header, envelope):
    """What was taken as n, when this is other bytes and neither is a void of the other. [10]"""
    leaf, _, _, first = stream.taken[n]
    came, had = digest(LEAF, envelope.header), read_header(first)
    if came == leaf or header.void.replaces == leaf or had.void.replaces == came:
        return None
    return first
