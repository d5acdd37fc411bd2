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

    def check_deliveries(self):
        """What an origin calls delivered is there, and nothing is there that nobody sent; the sums
        of seen are those of the single notices."""
        there = {agency: {entry["id"] for entry in feed if not entry["mine"]}
                 for agency, feed in self.feeds.items()}
        told = {agency: set() for agency in self.feeds}
        seen = dict.fromkeys(self.feeds, 0)
        origins = {entry["id"]: entry["origin"] for feed in self.feeds.values() for entry in feed
                   if "id" in entry}  # else a line of an agent's own clock
        for notice, origin in origins.items():
            for one in self.house.ask(origin, "show", notice)["recipients"]:
                seen[origin] += one["state"] == "seen"
                if one["state"] in ("delivered", "seen"):
                    told[one["agency"]].add(notice)
        for agency in self.feeds:
            if seen[agency] != self.total(agency, "seen"):
                self.fault(f"{seen[agency]} notices of {agency} were seen, its status says "
                           f"{self.total(agency, 'seen')}")
            for notice in sorted(told[agency] ^ there[agency]):
                self.fault(f"{origins[notice]}'s {notice} " +
                           (f"is called delivered, but not at {agency}" if notice in told[agency]
                            else f"is at {agency}, which was never sent it"))

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

    def total(self, agency, *words):
        """Over all it sent to."""
        return sum(row[word] for row in self.statuses[agency]["owed"] for word in words)

    def table(self):
        """One row an agency: the sums of what it sent to all others."""
        return [(agency, self.total(agency, "sent"), self.total(agency, "delivered"),
                 self.total(agency, "seen"), self.total(agency, "refused", "quarantined"),
                 self.total(agency, "stored_here", "at_the_hub"), status["tasks_open"])
                for agency, status in self.statuses.items()]


def is_event(entry):
    """Of a topic that the exports are imported under."""
    return "." in entry["topic"]
