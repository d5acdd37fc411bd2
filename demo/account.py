"""The closing account: what each agent itself says was sent, delivered, seen and is still owed, and
whether it adds up against the six exports."""

from exports import EXPORTS

URGENT = {"CONCERN"}
ENDED = ("delivered", "refused", "quarantined")


class Account:
    """Every fault found is one line of `faults`."""

    def __init__(self, house):
        self.house = house
        self.faults = []
        self.statuses = {agency: house.ask(agency, "status") for agency in house.agencies}
        self.feeds = {agency: house.feed(agency) for agency in house.agencies}

    def fault(self, text):
        self.faults.append(text)

    def check(self, lead, household):
        self.check_sums()
        self.check_deliveries()
        self.check_streams(lead, [entry for entry in self.feeds[lead]
                                  if entry.get("household") == household])

    def check_sums(self):
        """Whatever was sent has one outcome, or is still owed."""
        for agency, status in self.statuses.items():
            for row in status["owed"]:
                ended = sum(row[word] for word in ENDED)
                owed = row["stored_here"] + row["at_the_hub"]
                if row["sent"] != ended + owed:
                    self.fault(f"{agency} sent {row['sent']} to {row['agency']}, but has "
                               f"{ended} outcomes and owes {owed}")
                if row["seen"] > row["delivered"]:
                    self.fault(f"{row['agency']} saw more of {agency} than it was given")

    def check_deliveries(self):
        """What an origin calls delivered is there, and nothing is there that nobody sent."""
        there = {agency: {entry["id"] for entry in feed} for agency, feed in self.feeds.items()}
        sent = {agency: set() for agency in self.feeds}
        for agency, feed in self.feeds.items():
            for entry in feed:
                if not entry["mine"]:
                    continue
                for one in self.house.ask(agency, "show", entry["id"])["recipients"]:
                    sent[one["agency"]].add(entry["id"])
                    if one["state"] in ("delivered", "seen") and \
                            entry["id"] not in there[one["agency"]]:
                        self.fault(f"{agency} was told {one['agency']} has {entry['id']}: it has "
                                   "not")
        for agency, feed in self.feeds.items():
            for entry in feed:
                if not entry["mine"] and entry["id"] not in sent[agency]:
                    self.fault(f"{agency} has {entry['id']}, which {entry['origin']} never sent it")

    def check_streams(self, lead, feed):
        """The lead's one feed holds every record of every export, each stream in its order."""
        for agency, export in EXPORTS.items():
            for urgent in (False, True):
                wanted = [row for row in export.rows if (row["type"] in URGENT) == urgent]
                found = [entry for entry in feed
                         if entry["origin"] == agency and is_event(entry)
                         and ("urgent" in entry["flags"]) == urgent]
                self.compare(lead, agency, wanted, found)

    def compare(self, lead, agency, wanted, found):
        if len(wanted) != len(found):
            self.fault(f"{agency} has {len(wanted)} records, the feed of {lead} {len(found)}")
        for row, entry in zip(wanted, found):
            if row["summary"][:40] not in entry["summary"]:
                self.fault(f"the feed of {lead} has {agency}'s {entry['id']} out of order")
                return

    def table(self):
        """One row an agency: the sums of what it sent to all others."""
        rows = []
        for agency, status in self.statuses.items():
            def total(*words):
                return sum(row[word] for row in status["owed"] for word in words)
            rows.append((agency, total("sent"), total("delivered"), total("seen"),
                         total("refused", "quarantined"), total("stored_here", "at_the_hub"),
                         status["tasks_open"]))
        return rows


def is_event(entry):
    """Of a topic that the exports are imported under."""
    return "." in entry["topic"]
