"""A partnership for measuring: real processes of the release build, each with a store that has
room, and what they used: processor time, memory, bytes on disk."""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("KITH_BIN", str(ROOT / "build" / "release"))

from house import AGENCIES, House  # noqa: E402
from partnership import find_program  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


class BenchHouse(House):
    """Its agencies at one broker; quotas and maps far above what is measured."""

    def __init__(self, agencies, **options):
        for name in agencies:
            AGENCIES.setdefault(name, name)
        super().__init__(agencies=agencies, front_door=agencies[-1], liveness="30s", **options)

    def write_broker(self, broker):
        super().write_broker(broker)
        self.with_room(self.config(broker))
        with open(self.config(broker), "a", encoding="utf-8") as file:
            file.write('limits = { mailbox_messages = 1000000; mailbox_bytes = "16GiB"; };\n')

    def write_agent(self, agency, more=""):
        super().write_agent(agency, more)
        self.with_room(self.config(agency))

    @staticmethod
    def with_room(path):
        path.write_text(path.read_text(encoding="utf-8").replace('map = "1GiB"', 'map = "64GiB"'),
                        encoding="utf-8")

    @staticmethod
    def tool(name):
        """One of bench's own programs."""
        return find_program(Path(os.environ["KITH_BIN"]) / "bench", name)

    def pid(self, name):
        """The program itself: `setpriv` has become it."""
        return self[name].process.pid

    def cpu_s(self, name):
        """(user, system) seconds it has used so far, of all its threads."""
        fields = Path(f"/proc/{self.pid(name)}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) / TICKS, int(fields[12]) / TICKS

    def anon_mib(self, name):
        """RssAnon: what is its own. The store's mapped pages are the kernel's to take back."""
        for line in Path(f"/proc/{self.pid(name)}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
        raise ValueError("no RssAnon")

    def store_mib(self, name):
        return (self.folder / "store" / name / "data.mdb").stat().st_blocks / 2048

    def feed_total(self, agency):
        return self.ask(agency, "status")["feed_entries"]


class Keep:
    """JSON lines, kept: one a measurement, and shown as it comes."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(self.path, "a", encoding="utf-8")

    def row(self, **fields):
        line = json.dumps(fields)
        print(line, flush=True)
        self.file.write(line + "\n")
        self.file.flush()
