"""F5: one agency is absent while many notices for it are published; then it comes, and is slow
(stopped again and again) while it takes them. Beyond the quota of its mailbox the rest waits at the
origin. The others notice nothing: what they send each other takes its usual time. Prints how long
that took, before and meanwhile; only a campaign on a quiet machine judges it."""

import signal
import time

from trial import Violation, api, kith, main

ABSENT, ORIGIN = "health", "police"
HERE, THERE = "housing", "social-care"
WINDOW, PROBES = 256, 100


def fill(trial, count):
    """The origin owes the absent one so many more."""
    def request(number):
        draft = api.Draft(topic="call-out", to=[ABSENT], event=kith.Event(
            kind="call-out", occurred_ms=int(time.time() * 1000), narrative=trial.canary,
            source=kith.Reference(system="backlog", id=str(number))))
        return api.Request(id=number, submit=api.SubmitRequest(token=f"b{number}".encode(),
                                                               draft=draft))
    for begin in range(1, count + 1, WINDOW):
        batch = [request(number) for number in range(begin, min(begin + WINDOW, count + 1))]
        trial.load.submit(ORIGIN, batch)


def probe(trial, what):
    """p50 and p99, in ms, from here to there and into the feed."""
    took = []
    for number in range(PROBES):
        after = trial.load.ask(THERE, status=api.StatusRequest()).agent.feed_entries
        began = time.monotonic()
        draft = api.Draft(topic="call-out", to=[THERE], event=kith.Event(
            kind="call-out", occurred_ms=int(time.time() * 1000), narrative=trial.canary,
            source=kith.Reference(system=what, id=str(number))))
        answer = trial.load.submit(HERE, [api.Request(id=1, submit=api.SubmitRequest(
            token=f"{what}-{number}".encode(), draft=draft))])[0]
        trial.load.until_in_feed(THERE, answer.submit.id, after)
        took.append((time.monotonic() - began) * 1000)
    took.sort()
    return round(took[PROBES // 2], 1), round(took[PROBES * 99 // 100], 1)


def waiting(trial):
    status = trial.load.ask(ORIGIN, status=api.StatusRequest()).agent
    return next((one.stored_here, one.at_the_hub) for one in status.owed if one.agency == ABSENT)


def slow(trial, times):
    """It takes some, and stops, and takes some more."""
    process = trial.house[ABSENT]
    for _ in range(times):
        before = sum(waiting(trial))
        process.signal(signal.SIGSTOP)
        probe(trial, f"slow-{before}")
        process.signal(signal.SIGCONT)
        trial.house.until("it takes more", lambda: sum(waiting(trial)) < before or before == 0)


def fault(trial):
    quota = trial.count * 9 // 10
    trial.asked = ["--quota", str(quota)]
    before = probe(trial, "before")
    trial.load.pause(ABSENT)
    trial.house.stop(ABSENT)
    fill(trial, trial.count)
    trial.house.until("the mailbox is full", lambda: waiting(trial)[1] >= quota)
    if waiting(trial)[1] > quota:
        raise Violation(f"I11: {waiting(trial)} wait for {ABSENT}: more than the mailbox may hold")
    meanwhile = probe(trial, "meanwhile")
    trial.struck("absent", node=ABSENT, waiting=waiting(trial), before=before, meanwhile=meanwhile)
    trial.restart(ABSENT)
    trial.house[ABSENT].wait_ready()
    slow(trial, 3)
    trial.notes = {"waiting": trial.count, "p50_p99_ms_before": before,
                   "p50_p99_ms_meanwhile": meanwhile}


def quota(house, count):
    """Nine of ten fit the mailbox."""
    path = house.config("hub-a")
    path.write_text(path.read_text(encoding="utf-8") +
                    f"limits = {{ mailbox_messages = {count * 9 // 10}; }};\n", encoding="utf-8")


main("F5", fault, 2000, brokers=("hub-a",), prepare=quota)
