"""Seeds for the fuzz targets, as our own programs would write them: every message type with every
field set, each kind of notice and draft that a partnership sends, the example configurations.

Usage: /usr/bin/python3 -B tests/fuzz/seeds.py FOLDER     writes FOLDER/TARGET/SEED
Example: tests/fuzz/run does it, into build/fuzz/seeds
"""

import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor import FieldDescriptor

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ["kith", "store", "api"]
NOW_MS = 1767225600000  # as tests/unit/work_world.h: 2026-01-01
WORDS = {"origin": "police", "agency": "housing", "from": "police", "to": "housing",
         "topic": "police.call-out", "topic_class": "event", "clause": "4.1", "system": "test",
         "id": "T-1", "partnership": "exampletown", "broker": "hub-a", "kind": "call-out",
         "lead": "social-care", "opened_by": "police", "by": "police"}
SIZES = {"wrap": 48, "nonce": 24, "salt": 16, "signature": 64, "digest": 32, "chain": 32,
         "content_digest": 32, "key_commitment": 32, "sender_half": 32}
TOPICS = {"event": "police.call-out", "referral": "referral", "referral_answer": "referral-answer",
          "alert": "alert", "reply": "reply", "household_change": "household", "seen": "seen",
          "directory": "directory",
          "alert_change": "alert-change", "disagreement": "disagreement"}
AGENCIES = ["police", "housing", "social-care", "health", "school"]
DELIVER, SUBMIT, LINK, PASS = range(4)


def generated():
    """The modules that protoc makes from proto/."""
    with tempfile.TemporaryDirectory() as folder:
        files = [ROOT / "proto" / f"{name}.proto" for name in PROTOS]
        subprocess.run(["protoc", f"--python_out={folder}", f"--proto_path={ROOT / 'proto'}",
                        *files], check=True)
        sys.path.insert(0, folder)
        return [importlib.import_module(f"{name}_pb2") for name in PROTOS]


def value_of(field):
    if field.type == FieldDescriptor.TYPE_STRING:
        return WORDS.get(field.name, "duty officer")
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes(range(1, SIZES.get(field.name, 16) + 1))
    if field.type == FieldDescriptor.TYPE_ENUM:
        return field.enum_type.values[1].number
    if field.type == FieldDescriptor.TYPE_BOOL:
        return True
    return NOW_MS if field.name.endswith("_ms") and field.cpp_type == field.CPPTYPE_INT64 else 1


def filled(message, choice=0):
    """Every field set; of each oneof the member of this place, from 0."""
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof:
            members = field.containing_oneof.fields
            if members[choice % len(members)] is not field:
                continue
        repeated = field.label == FieldDescriptor.LABEL_REPEATED
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            part = getattr(message, field.name)
            part = part.add() if repeated else part
            part.SetInParent()
            filled(part, choice)
        elif repeated:
            getattr(message, field.name).append(value_of(field))
        else:
            setattr(message, field.name, value_of(field))
    return message


def choices(message_type):
    return max([1] + [len(oneof.fields) for oneof in message_type.DESCRIPTOR.oneofs])


def message_seeds(modules):
    for at, module in enumerate(modules):
        for place, name in enumerate(module.DESCRIPTOR.message_types_by_name):
            kind = getattr(module, name)
            for choice in range(choices(kind)):
                packed = filled(kind(), choice).SerializeToString()
                yield "message", f"{name}-{choice}", bytes([at, place]) + packed
                if PROTOS[at] == "store":
                    yield "row", f"{name}-{choice}", b"\0" + packed
    yield "row", "changed", b"\1" + bytes(7) + b"\1" + b"\1" * 8 + b"\0\1\4rows" + b"value" * 9


def of_kind(message, body):
    """A notice or draft with this body."""
    for field in message.DESCRIPTOR.oneofs[0].fields:
        if field.name == body:
            filled(message, field.containing_oneof.fields.index(field))
    message.topic = TOPICS[body]
    message.expires_ms = 0
    del message.caused_by[:]
    if body == "household_change":
        message.household = bytes([1]) * 16
    return message


def step(what, who, packed, flags=None):
    """As fuzz_work.c reads it."""
    head = bytes([what, who]) + (b"" if flags is None else bytes([flags]))
    return head + len(packed).to_bytes(2, "big") + packed


def work_seeds(kith, api):
    all_steps, submitted = b"", b""
    for number, body in enumerate(TOPICS):
        notice = of_kind(kith.Notice(), body)
        notice.id = bytes([number + 1]) * 16
        notice.exercise = True
        draft = of_kind(api.Draft(), body)
        draft.ClearField("to")
        if body == "event":
            draft.household = b""
        if body == "alert":
            draft.alert.ClearField("reply_by_ms")
            draft.alert.ClearField("level")
        packed = step(DELIVER, AGENCIES.index("housing"), notice.SerializeToString(), 0)
        asked = step(SUBMIT, AGENCIES.index("police"), draft.SerializeToString())
        yield "work", f"deliver-{body}", packed
        yield "work", f"submit-{body}", asked + bytes([PASS, 1, 0]) + asked
        all_steps, submitted = all_steps + packed, submitted + asked
    link = filled(api.LinkRequest())
    yield "work", "delivered", all_steps + step(LINK, 1, link.SerializeToString())
    yield "work", "submitted", submitted + bytes([PASS, 255, 255]) + all_steps


def conf_seeds():
    yield "conf", "broker", b"\0" + (ROOT / "config/broker.cfg").read_bytes()
    for path in sorted((ROOT / "config/agents").glob("*.cfg")):
        text = path.read_text().replace('"../partnership.cfg"', '"partnership.cfg"')
        yield "conf", f"agent-{path.stem}", b"\1" + text.encode()
    for path in sorted((ROOT / "config/maps").glob("*.cfg")):
        yield "conf", f"map-{path.stem}", b"\2" + path.read_bytes()
    yield "partnership", "example", (ROOT / "config/partnership.cfg").read_bytes()


def plain_seeds():
    for path in sorted((ROOT / "tests/fixtures").rglob("*.json")):
        yield "json", path.stem, path.read_bytes()[:2000]
    yield "json", "kinds", b'{"a":[1,-2.5e3,true,false,null,"\\u00e9\\n"],"b":{"c":{}},"d":[]}'
    yield "zap", "right", bytes([6]) + bytes(7)
    yield "zap", "odd", bytes([6]) + b"\0\7seven" + bytes(5)
    yield "seal", "whole", b"\1" + bytes(9)
    yield "seal", "batch", b"\1\2\2\0\2\0\0\0\0"
    yield "step", "quiet", b"\0\6\2\xff\4\7\xd0"
    yield "step", "lies", b"\0\6\4\0\x64\6\1\5\1\0\1\2\0\6\x18\x0b\0\0\4\7\xd0"


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        sys.exit(0 if sys.argv[1:] in (["--help"], ["-h"]) else 64)
    modules = generated()
    seeds = [*message_seeds(modules), *work_seeds(modules[0], modules[2]), *conf_seeds(),
             *plain_seeds()]
    for target, name, data in seeds:
        folder = Path(sys.argv[1], target)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    print(f"{len(seeds)} seeds in {sys.argv[1]}")


if __name__ == "__main__":
    main()
