"""Rules of the .proto files, by their descriptors: what protobuf-c cannot bear, and what must never
stand outside the seal."""

import subprocess
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2

from tree import Finding

RULES = ("proto-optional", "proto-recursion", "proto-syntax", "proto-map", "outside-the-seal")

FIELD = descriptor_pb2.FieldDescriptorProto

# What a broker can read holds names of agencies, brokers, keys and clauses, and nothing else.
OPEN_MESSAGES = (".kith.Packet", ".kith.Header", ".kith.Receipt", ".kith.Refusal")
OPEN_STRINGS = {"partnership", "agency", "recipient", "recipients", "origin", "broker", "owed",
                "topic_class", "clause", "signing_key", "sealing_key", "detail"}


def check(tree):
    sources = [source for source in tree.sources
               if source.path.startswith("proto/") and source.path.endswith(".proto")]
    if not sources:
        return []
    files, problem = describe(tree, [source.path for source in sources])
    if problem:
        return [Finding(sources[0].path, 1, "proto-syntax", problem)]
    found = []
    messages = {}
    for file in files:
        path = "proto/" + file.name
        if file.syntax != "proto3":
            found.append(Finding(path, 1, "proto-syntax", 'begin with `syntax = "proto3";`'))
        places = Places(file)
        for index, message in enumerate(file.message_type):
            collect(message, f".{file.package}", (4, index), path, places, messages)
    for message in messages.values():
        found += check_fields(message)
    return found + check_recursion(messages) + check_outside(messages)


def describe(tree, paths):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "set")
        ran = subprocess.run(
            ["protoc", f"--proto_path={tree.root / 'proto'}", "--include_source_info",
             f"--descriptor_set_out={out}", *[str(tree.root / path) for path in paths]],
            capture_output=True, text=True)
        if ran.returncode:
            return [], ran.stderr.strip()
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file, None


class Places:
    """Lines of a file's messages and fields."""

    def __init__(self, file):
        self.lines = {tuple(place.path): place.span[0] + 1
                      for place in file.source_code_info.location}

    def line(self, path):
        return self.lines.get(tuple(path), 1)


class Message:
    def __init__(self, name, proto, path, file, places):
        self.name, self.proto, self.path, self.file, self.places = name, proto, path, file, places

    def line(self, field=None):
        return self.places.line(self.path if field is None else (*self.path, 2, field))

    @property
    def parts(self):
        return [field.type_name for field in self.proto.field if field.type == FIELD.TYPE_MESSAGE]


def collect(proto, scope, path, file, places, messages):
    name = f"{scope}.{proto.name}"
    messages[name] = Message(name, proto, path, file, places)
    for index, nested in enumerate(proto.nested_type):
        collect(nested, name, (*path, 3, index), file, places, messages)


def check_fields(message):
    maps = {f"{message.name}.{nested.name}" for nested in message.proto.nested_type
            if nested.options.map_entry}
    for index, field in enumerate(message.proto.field):
        if field.proto3_optional:
            yield Finding(message.file, message.line(index), "proto-optional",
                          "protoc-c 1.4.1 stops at `optional`: presence is a sub-message")
        if field.type_name in maps:
            yield Finding(message.file, message.line(index), "proto-map",
                          "a map may hold a key twice: use a repeated message and check it")


def check_recursion(messages):
    found = []
    for name, message in messages.items():
        if name in reachable(messages, message.parts):
            found.append(Finding(message.file, message.line(), "proto-recursion",
                                 f"{message.proto.name} contains itself: refer by id instead "
                                 "(the C parser has no depth limit)"))
    return found


def reachable(messages, names):
    seen, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen and name in messages:
            seen.add(name)
            waiting += messages[name].parts
    return seen


def check_outside(messages):
    found = []
    for name in sorted(reachable(messages, OPEN_MESSAGES)):
        message = messages[name]
        for index, field in enumerate(message.proto.field):
            if field.type == FIELD.TYPE_STRING and field.name not in OPEN_STRINGS:
                found.append(Finding(message.file, message.line(index), "outside-the-seal",
                                     f"a broker can read `{field.name}`: put it inside the seal, "
                                     "or name it in tests/lint/protos.py"))
    return found
