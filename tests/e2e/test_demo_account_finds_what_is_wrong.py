"""The demo's closing account can fail: sums that differ, a notice that is not where it is said to
be, one nobody sent, and a record that is missing or out of order are each found."""

import sys

from house import holds, run, same
from partnership import ROOT

sys.path.insert(0, str(ROOT / "demo"))

from account import Account  # noqa: E402
from exports import EXPORTS  # noqa: E402

LEAD, HOUSEHOLD = "early-help", "family"


class Agents:
    """Answers as six agents would after a year in which all went well."""

    def __init__(self):
        self.agencies = list(EXPORTS)
        self.feeds = {agency: [] for agency in self.agencies}
        self.recipients = {}
        for agency, export in EXPORTS.items():
            for number, row in enumerate(export.rows):
                self.add(agency, f"{agency}-{number}", row)
        self.statuses = {agency: {"tasks_open": 0, "owed": [self.owed(agency)]}
                         for agency in self.agencies}

    def add(self, agency, notice, row):
        entry = {"id": notice, "origin": agency, "household": HOUSEHOLD, "topic": "x.y",
                 "summary": f"kind: {row['summary']}",
                 "flags": ["urgent"] if row["type"] == "CONCERN" else []}
        self.feeds[LEAD].append({**entry, "mine": agency == LEAD})
        if agency != LEAD:
            self.feeds[agency].append({**entry, "mine": True})
        self.recipients[notice] = [] if agency == LEAD else [
            {"agency": LEAD, "state": "delivered"}]

    def owed(self, agency):
        sent = 0 if agency == LEAD else len(EXPORTS[agency].rows)
        return {"agency": LEAD, "sent": sent, "delivered": sent, "refused": 0, "quarantined": 0,
                "stored_here": 0, "at_the_hub": 0, "seen": 0}

    def feed(self, agency):
        return self.feeds[agency]

    def ask(self, agency, what, notice=None):
        return self.statuses[agency] if what == "status" else \
            {"recipients": self.recipients[notice]}


def faults(spoil=None):
    agents = Agents()
    if spoil:
        spoil(agents)
    account = Account(agents)
    account.check(LEAD, HOUSEHOLD)
    return account.faults


def lose(agents):
    agents.feeds[LEAD] = [entry for entry in agents.feeds[LEAD] if entry["id"] != "police-7"]


def swap(agents):
    feed = agents.feeds[LEAD]
    first, second = (next(i for i, entry in enumerate(feed) if entry["id"] == f"housing-{n}")
                     for n in (3, 4))
    feed[first], feed[second] = feed[second], feed[first]


def behaviour(house):
    same(faults(), [], "a year that went well")
    for spoil, word in (
            (lambda a: a.statuses["police"]["owed"][0].update(delivered=0), "outcomes"),
            (lambda a: a.statuses["police"]["owed"][0].update(seen=1), "were seen"),
            (lambda a: a.recipients["police-7"].clear(), "never sent"),
            (lose, "not at early-help"), (lose, "records"), (swap, "out of order")):
        holds(any(word in fault for fault in faults(spoil)), f"{word}: {faults(spoil)}")


run(behaviour)
