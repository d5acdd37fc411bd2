"""A program with a token can ask over HTTP what `kith` can: a submission is done once under its
Idempotency-Key, pages go on with `after`, errors are problems with a stable rule."""

from house import CANARY, holds, same
from web_house import run_web


def event(number, **more):
    return {"draft": {"topic": "call-out", "event": {
        "kind": "call-out", "occurred": "2026-01-05T10:00:00Z",
        "narrative": f"{CANARY} event {number}",
        "source": {"system": "test", "id": str(number)}}, **more}}


def is_done_once(police):
    first = police.good("submit", event(1), "first")
    again = police.good("submit", event(1), "first")
    same((again["id"], again["repeat"], first["repeat"]), (first["id"], True, False),
         "under the same key")
    other = police.post("submit", event(2), "first")
    same((other.status, other.rule), (409, "token"), "the same key with other content")
    same(police.post("submit", event(3)).rule, "idempotency-key", "without a key")
    return first["id"]


def is_read(house, police, notice):
    house.settle()
    shown = police.good(f"show?id={notice}")
    same(shown["notice"]["event"]["narrative"], f"{CANARY} event 1", "the notice is opened")
    same([one["state"] for one in shown["recipients"]], ["delivered"], "its way")
    same(police.good("show", {"id": notice}), shown, "by POST as by GET")
    housing = house.web("housing")
    there = housing.client(housing.token()).good("feed")
    same([one["id"] for one in there["entries"]], [notice], "at the other end")


def goes_on(police):
    for number in range(10, 15):
        police.good("submit", event(number), f"key {number}")
    seen, after, more = [], 0, True
    while more:
        page = police.good(f"feed?after={after}&limit=2")
        holds(len(page["entries"]) <= 2, "a page has what was asked for")
        seen += [one["seq"] for one in page["entries"]]
        after, more = page["cursor"], page["more"]
    same(len(seen), 6, "all pages together")
    same(seen, sorted(set(seen)), "each entry once, in order")


def is_refused(police, stranger):
    same(stranger.get("status").status, 401, "without a token")
    same(stranger.get("status").headers["WWW-Authenticate"], 'Bearer realm="kith"', "how to ask")
    same(police.get("nothing").rule, "path", "what is no request")
    same(police.get("submit").status, 405, "what changes something is no GET")
    same(police.get("feed?limit=x").json["field"], "limit", "a member that does not fit")
    same(police.get("feed?limit").rule, "query", "no query")
    same(police.post("feed", "{").rule, "content-type", "no JSON by its type")
    same(police.post("feed", "{", headers={"Content-Type": "application/json"}).rule, "json",
         "no JSON")
    same(police.post("feed", {"households": 1}).json["field"], "households", "no such member")
    same(police.get("show?short_id=ffffffffffff").status, 404, "what is not there")


def behaviour(house):
    house.open()
    web = house.web("police")
    police, stranger = web.client(web.token()), web.client()
    same(police.good("status")["agency"], "police", "who answers")
    notice = is_done_once(police)
    is_read(house, police, notice)
    goes_on(police)
    is_refused(police, stranger)
    same(web.client("kith_000000000000_" + 64 * "0").get("status").rule, "session", "a guess")


run_web(behaviour)
