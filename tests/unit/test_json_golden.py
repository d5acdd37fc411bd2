"""Messages as JSON, compared with Python's json_format: io/json.h's rules applied to its output.

Usage: test_json_golden.py JSON_OF PROTO_FOLDER. Random messages of a fixed seed.
"""

import datetime
import importlib
import json
import random
import subprocess
import sys
import tempfile
import uuid

from google.protobuf import descriptor, json_format

COUNT = 400
TEXTS = ("", "plain", 'quote " and \\ slash', "tab\tline\nreturn\r", "é€😀", "\x01\x1f\x7f", " ")
INTS = (0, 1, 7, 2**31 - 1)
Field = descriptor.FieldDescriptor


def modules(folder, proto):
    subprocess.run(["protoc", f"--proto_path={proto}", f"--python_out={folder}",
                    f"{proto}/kith.proto", f"{proto}/api.proto"], check=True)
    sys.path.insert(0, folder)
    return importlib.import_module("kith_pb2"), importlib.import_module("api_pb2")


def is_time(field):
    return field.type == Field.TYPE_INT64 and field.name.endswith("_ms")


# ---- random messages ------------------------------------------------------------------------


def scalar(dice, field):
    if field.type == Field.TYPE_STRING:
        return dice.choice(TEXTS)
    if field.type == Field.TYPE_BYTES:
        return dice.randbytes(dice.choice((0, 1, 15, 16, 17, 32)))
    if field.type == Field.TYPE_BOOL:
        return dice.random() < 0.5
    if field.type == Field.TYPE_ENUM:
        known = [value.number for value in field.enum_type.values]
        return dice.choice([*known, 999])
    if is_time(field):
        return dice.choice((0, dice.randrange(0, 253402300799) * 1000))
    if field.type == Field.TYPE_UINT64:
        return dice.choice((*INTS, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1))
    if field.type == Field.TYPE_INT64:
        return dice.choice((*INTS, -1, 2**63 - 1, -2**63))
    return dice.choice(INTS)


def fill(dice, message):
    for field in message.DESCRIPTOR.fields:
        if dice.random() < 0.3:
            continue
        many = field.label == Field.LABEL_REPEATED
        for _ in range(dice.randrange(3) if many else 1):
            if field.type == Field.TYPE_MESSAGE:
                fill(dice, getattr(message, field.name).add() if many
                     else getattr(message, field.name))
                if not many:
                    getattr(message, field.name).SetInParent()
            elif many:
                getattr(message, field.name).append(scalar(dice, field))
            else:
                setattr(message, field.name, scalar(dice, field))
    return message


# ---- json_format's output by our rules ------------------------------------------------------


def value_of(field, given):
    """One value as io/json.h says; None: it is left out."""
    if field.type == Field.TYPE_MESSAGE:
        return by_rules(field.message_type, given)
    if field.type == Field.TYPE_ENUM:
        return enum_of(field, given)
    if field.type == Field.TYPE_BYTES:
        raw = json_format.base64.b64decode(given)
        return str(uuid.UUID(bytes=raw)) if len(raw) == 16 else raw.hex() or None
    if is_time(field):
        if int(given) == 0:
            return None
        at = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=int(given))
        return at.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    if field.type in (Field.TYPE_INT64, Field.TYPE_UINT64):
        return int(given) if int(given) < 2**63 else str(given)  # json_format writes text
    return given


def enum_of(field, given):
    if isinstance(given, int):
        return given or None  # not known here
    prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
    word = given.removeprefix(prefix).lower().replace("_", "-")
    return None if word == "unspecified" else word


def by_rules(kind, given):
    made = {}
    for field in kind.fields:
        name = field.name.removesuffix("_ms") if is_time(field) else field.name
        if field.name not in given:
            continue
        if field.label == Field.LABEL_REPEATED:
            made[name] = [value_of(field, one) for one in given[field.name]]
            continue
        value = value_of(field, given[field.name])
        if value is not None:
            made[name] = value
    return made


def expected(message):
    given = json_format.MessageToDict(message, including_default_value_fields=True,
                                      preserving_proto_field_name=True)
    return by_rules(message.DESCRIPTOR, given)


def main():
    json_of, proto = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="kith-proto-") as folder:
        kith, api = modules(folder, proto)
    kinds = (kith.Notice, kith.Envelope, kith.Receipt, api.Draft, api.ShowResponse,
             api.FeedResponse, api.StatusResponse, api.HouseholdResponse, api.Response)
    dice = random.Random(20260329)
    messages = [fill(dice, dice.choice(kinds)()) for _ in range(COUNT)]
    messages += [kind() for kind in kinds]
    lines = "".join(f"{one.DESCRIPTOR.full_name} {one.SerializeToString().hex()}\n"
                    for one in messages)
    ran = subprocess.run([json_of], input=lines, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"json_of ended with {ran.returncode}\n{ran.stderr}")
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    if len(found) != len(messages):
        sys.exit(f"{len(found)} answers to {len(messages)} messages")
    for message, one in zip(messages, found):
        if one != expected(message):
            sys.exit(f"{message.DESCRIPTOR.full_name}\nfound {one}\nnot   {expected(message)}")
    print(f"{len(messages)} messages are alike")


main()
