"""Bounces, auto-replies, complaints and a person's mail are told apart in at least 98 of 100."""

from mail_house import FIXTURES, Reader, at_least

FOLDER = FIXTURES / "email-bounces"


def expected(path):
    """By expected.tsv: the name and the folder say which."""
    if path.parent.name == "not":
        return "new"
    return {"rfc3834": "auto-reply", "arf": "complaint"}.get(path.name.split("-")[0], "bounce")


def main():
    reader, right, wrong = Reader(), [], []
    for path in sorted(FOLDER.rglob("*.eml")):
        kind = reader.read(path.read_bytes())["kind"]
        name = f"{path.parent.name}/{path.name}: {kind}, is {expected(path)}"
        (right if kind == expected(path) else wrong).append(name)
    if len(right) + len(wrong) != 125:
        raise AssertionError("not all fixtures are there")
    at_least(0.98, right, wrong, "class right")


main()
