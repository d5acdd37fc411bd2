"""What a person wrote stays, quote and signature go, in at least 95 of 100 replies."""

import csv
import re
import time

from mail_house import FIXTURES, Reader, at_least, letter

FOLDER = FIXTURES / "email-replies"
SIGNED = FOLDER / "talon" / "signature" / "stripped"
HTML_TEXT = "Hi. I am fine. Thanks, Alex"
OTHERS = {
    "OLK_SRC_BODY_SECTION.html": "Reply",
    "iphone_reply_text": "Hello",
    "iphone.eml": "Hello",
    "reply-quotations-share-block.eml":
        "starts: Hi Katharine. Sounds great. Are there and dietry restrictions",
    "pathological.txt": "starts: I think you're onto something.",
}


def flat(text):
    return re.sub(r"\s+", " ", text).strip()


def rules():
    """By expected.tsv, name to what must stand."""
    with (FOLDER / "expected.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return {row[0].split("/")[1]: row[1].replace("⏎", "\n") for row in rows
            if row[0].startswith("github/")} | OTHERS


def fits(rule, said, whole):
    said = flat(said)
    if rule == "whole body":
        return said == flat(whole)
    if rule.startswith("starts: "):
        return said.startswith(flat(rule[8:].strip('"')))
    if rule.startswith("contains: "):
        return all(flat(piece) in said for piece in re.findall(r'"([^"]*)"', rule))
    return said == flat(rule)


def replies():
    """Name, mail, what must stand, the text as it came."""
    named = rules()
    for path in sorted([*FOLDER.glob("github/*.txt"), *FOLDER.glob("talon/*")]):
        if path.is_dir() or path.name.startswith("LICENSE"):
            continue
        data = path.read_bytes()
        rule = named.get(path.name, HTML_TEXT if path.suffix == ".html" else "Hello")
        subtype = "html" if path.suffix == ".html" else "plain"
        yield path.name, data if path.suffix == ".eml" else letter(data, subtype), rule, \
            data.decode("utf-8", "replace")


def signed():
    for name in ("jeff", "johndoeexamplecom", "sparse"):
        body, sender, signature = (
            (SIGNED / f"{name}_{what}").read_text(encoding="utf-8").replace("#sig#", "")
            for what in ("body", "sender", "signature"))
        who = {"address" if "@" in sender else "name": sender.strip()}
        yield name, letter(body, **who), flat(flat(body).removesuffix(flat(signature))), body


def main():
    reader, right, wrong = Reader(), [], []
    for name, mail, rule, whole in [*replies(), *signed()]:
        began = time.monotonic()
        said = reader.read(mail)["text"]
        good = fits(rule, said, whole)
        # 1 s is for the whole program where it ships; with sanitizers it is ten times slower.
        good = good and time.monotonic() - began < 10
        (right if good else wrong).append(f"{name}: {said[:300]!r}")
    if len(right) + len(wrong) < 30:
        raise AssertionError("not all fixtures are there")
    at_least(0.95, right, wrong, "reply text kept")


main()
