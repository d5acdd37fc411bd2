"""kith-check finds nothing wrong with what a run has left, and each row that is taken away; a store
that is damaged it does not judge at all."""

import json
import shutil
import subprocess

from house import CANARY, CLASSES, holds, run, same

COUNT = 12
LOST = {  # a row gone from one agency's table: the invariant that says so
    "applied": "I1", "notices": "I1", "taken": "I4", "debts": "I7 I1 I2 I11", "tokens": "I10",
}


def check(house, *more, stores=None):
    argv = [house.built("kith-check")]
    for agency in house.agencies:
        store = (stores or {}).get(agency, house.folder / "store" / agency)
        argv += ["--agent", f"{agency}={store}"]
    argv += ["--broker", f"hub-a={house.folder / 'store' / 'hub-a'}", *map(str, more), "--json"]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    holds(ran.returncode in (0, 1), f"it judges: {ran.stderr}")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    same(len(lines) - 1, lines[-1]["violations"], "its count")
    same(ran.returncode, 1 if len(lines) > 1 else 0, "its exit status")
    return lines


def without_first_row(house, agency, table):
    """A copy of its store that lacks the table's first row; checksums are as they were."""
    source = house.folder / "store" / agency
    copy = house.folder / f"without-{agency}-{table}"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    names = subprocess.run(["mdb_dump", "-l", source], capture_output=True, text=True, check=True)
    for name in names.stdout.split():
        lines = subprocess.run(["mdb_dump", "-s", name, source], capture_output=True, text=True,
                               check=True).stdout.splitlines(keepends=True)
        if name == table:
            first = lines.index("HEADER=END\n") + 1
            holds(lines[first].startswith(" "), f"{table} of {agency} has rows")
            del lines[first:first + 2]
        if name != table or len(lines) > 8:
            subprocess.run(["mdb_load", "-s", name, copy], input="".join(lines), text=True,
                           check=True)
    return copy


def history(house, ids):
    """As the load's clients write it."""
    lines = [{"event": "answer", "at_ms": 1, "agency": "police", "token": token, "status": "ok",
              "id": notice, "recipients": ["housing"]} for token, notice in ids]
    path = house.folder / "history.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def allowing(house, classes):
    """As a harness that made the partnership file tells what it allows."""
    pairs = [(a, b) for a in house.agencies for b in house.agencies if a != b]
    path = house.folder / "allowed.jsonl"
    path.write_text("".join(json.dumps({"event": "allow", "at_ms": 0, "version": 1, "origin": a,
                                        "recipient": b, "class": one}) + "\n"
                            for a, b in pairs for one in classes), encoding="utf-8")
    return path


def damaged(house):
    """A copy of police's store with one byte of a notice changed."""
    copy = house.folder / "damaged"
    shutil.copytree(house.folder / "store" / "police", copy)
    bytes_ = bytearray((copy / "data.mdb").read_bytes())
    at = bytes_.find(CANARY.encode())
    while at >= 0:
        bytes_[at] ^= 1
        at = bytes_.find(CANARY.encode(), at + 1)
    (copy / "data.mdb").write_bytes(bytes_)
    return copy


def told(house):
    """token and id of each, from the store itself."""
    dump = subprocess.run(["mdb_dump", "-s", "tokens", house.folder / "store" / "police"],
                          capture_output=True, text=True, check=True).stdout.splitlines()
    rows = dump[dump.index("HEADER=END") + 1:dump.index("DATA=END")]
    return [(rows[i].strip(), rows[i + 1].strip()[4:36]) for i in range(0, len(rows), 2)]


def behaviour(house):
    house.open()
    house.publish("police", *[house.event(number) for number in range(COUNT)])
    house.publish("housing", house.event(COUNT))
    house.settle()
    for name in [*house.agencies, "hub-a"]:
        house.stop(name)
    dark = ["--canary", CANARY, "--dark", house.folder / "store" / "hub-a" / "data.mdb"]
    lines = check(house, "--history", history(house, told(house)), *dark,
                  "--history", allowing(house, CLASSES))
    same(lines[:-1], [], "a run in which nothing went wrong")
    holds(lines[-1]["answers"] == lines[-1]["applied"] == COUNT, f"all was seen: {lines[-1]}")
    ids = history(house, told(house))
    for table, invariants in LOST.items():
        agency = "police" if table in ("debts", "tokens") else "housing"
        found = check(house, "--history", ids,
                      stores={agency: without_first_row(house, agency, table)})[:-1]
        holds({one["invariant"] for one in found} & set(invariants.split()),
              f"a row gone from {table} of {agency} is found: {found}")
    found = check(house, "--history", allowing(house, ["private"]))[:-1]
    same({one["invariant"] for one in found}, {"I6"}, "what the agreement does not allow")
    ran = subprocess.run([house.built("kith-check"), "--agent", f"police={damaged(house)}"],
                         capture_output=True, text=True, timeout=60)
    same(ran.returncode, 65, "a damaged store is not judged")
    holds("table " in ran.stderr and "damaged" in ran.stderr, f"it says where: {ran.stderr}")
    found = check(house, *dark, "--dark", house.folder / "store" / "police" / "data.mdb")[:-1]
    same([one["invariant"] for one in found], ["I6"], "a canary where none may be")


run(behaviour)
