"""Of odd MIME, sender, subject and text are what Python's email reads; a mail that the two read
differently is never taken for a person's clear words."""

import email
import email.policy
import re

from mail_house import FIXTURES, Reader

# The part has a type that is none: we read no text, and without a text nobody has answered.
EMPTY = {"msg_14.txt"}


def flat(text):
    return re.sub(r"\s+", " ", text).strip()


def sender(mail):
    addresses = mail["from"].addresses if mail["from"] else ()
    return addresses[0].addr_spec.lower() if len(addresses) == 1 else ""


def text(mail):
    part = mail.get_body(("plain",))
    try:
        return flat(part.get_content()) if part else None
    except LookupError:  # a charset that is none
        return "none"


def subject(mail):
    """None: Python cannot read it either."""
    said = flat(str(mail["subject"] or ""))
    return None if "\ufffd" in said else said


def differences(data, verdict):
    mail = email.message_from_bytes(data, policy=email.policy.default)
    pairs = (("sender", sender(mail), verdict["from"]),
             ("subject", subject(mail), flat(verdict["subject"])),
             ("text", text(mail), flat(verdict["body"])))
    return [f"{what}: {theirs!r}, {ours!r}" for what, theirs, ours in pairs
            if theirs is not None and theirs != ours]


def main():
    reader, same, doubted, wrong = Reader(), 0, 0, []
    for path in sorted((FIXTURES / "email-mime").rglob("*.*")):
        if path.name.startswith("LICENSE"):
            continue
        data = path.read_bytes()
        verdict = reader.read(data)
        found = differences(data, verdict)
        if not found:
            same += 1
        elif verdict["doubt"] or (path.name in EMPTY and not verdict["body"]):
            doubted += 1
        else:
            wrong += [f"{path.name}: {difference}" for difference in found]
    print(f"read as Python does: {same} of {same + doubted + len(wrong)}, the others in doubt: "
          f"{doubted}")
    if wrong or same + doubted < 90:
        raise AssertionError("\n".join(wrong) or "not all fixtures are there")


main()
