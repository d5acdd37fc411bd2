"""F11: stores that were damaged while nobody looked. A page of a copy has a bit flipped, or is
zeroed, or the file ends at it, after a clean end and after an unclean one: the program says what is
wrong (70), at the latest in the third start, or what it shows is right. A store in another's place
is refused (78, 70). A broker that is given an old copy loses nothing; an agent that is finds it
out, and goes on in a new epoch. --count pages are taken by chance; with --count 0 it is each."""

import json
import shutil
import subprocess

from trial import EACH, WAIT_S, PartnershipError, Violation, main
from load import Line
from partnership import Program

UNREACHED = "127.255.0.1"  # the same ports, where no broker of the house listens
PAGE = 4096
KINDS = ("flip", "zero", "cut")
AGENCY, OTHER, BROKER = "police", "housing", "hub-a"
DAMAGED, CONFIGURATION = 70, 78
STARTS = 3  # the first may crash, the second within its check: then it is not opened any more


class Lab:
    """One program of the house on a copy of a store, out of reach of all the others."""

    def __init__(self, house, name):
        self.house, self.name = house, name
        self.folder = house.folder / "store" / f"lab-{name}"
        self.socket = house.folder / "run" / f"lab-{name}.sock"
        self.config = house.config(name).with_name(f"lab-{name}.cfg")
        text = house.config(name).read_text(encoding="utf-8")
        for old, new in ((f"store/{name}", f"store/{self.folder.name}"),
                         (f"run/{name}.sock", f"run/{self.socket.name}"),
                         ("partnership.cfg", "lab.cfg"), (house.host, UNREACHED)):
            text = text.replace(old, new)
        self.config.write_text(text, encoding="utf-8")
        text = (house.folder / "partnership.cfg").read_text(encoding="utf-8")
        (house.folder / "lab.cfg").write_text(text.replace(house.host, UNREACHED),
                                              encoding="utf-8")
        self.program = Program(f"lab-{name}", [house.bin[house.program_of(name)], "-c",
                                               str(self.config)],
                               house.folder / "logs" / f"lab-{name}", outlives=False)

    def lay(self, data, unclean):
        """The store: this file, after a run that ended so."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        (self.folder / "data.mdb").write_bytes(data)
        if unclean:
            (self.folder / "state.open").touch(mode=0o600)

    def feed(self):
        """What it shows; nothing of a broker, whose rows are sealed: its walk compares them."""
        if self.name in self.house.broker_ids:
            return []
        ran = self.house.run("kith", "feed", "--limit", "10000", "--json", "--agent",
                             str(self.socket))
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def right(self):
        """What it shows from an undamaged file."""
        self.program.start()
        self.program.wait_line(" store-read")
        shown = self.feed()
        self.program.stop()
        return shown

    def run(self, right):
        """Starts it until it refuses, or shows what is right. The status it refused with; 0."""
        for _ in range(STARTS):
            self.program.start()
            status = self.run_once(right)
            if status in (0, DAMAGED, CONFIGURATION):
                return status
        raise Violation(f"{self.name} still starts, and ends with {status}: "
                        f"{self.program.text(self.program.mark)[-2000:]}")

    def run_once(self, right):
        try:
            self.program.wait_ready()
            early = self.feed()
            self.program.wait_line(" store-read")
            shown = self.feed()
        except PartnershipError as ended:
            try:
                return self.program.wait_exit()
            except subprocess.TimeoutExpired:
                raise Violation(f"{self.name} hangs: {ended}") from ended
        if any(entry not in right for entry in early) or shown != right:
            raise Violation(f"{self.name} shows what is not so, or less")
        return self.program.stop()


def damaged(data, page, kind, chance):
    at = page * PAGE
    if kind == "cut":
        return data[:at]
    copy = bytearray(data)
    if kind == "zero":
        copy[at:at + PAGE] = bytes(PAGE)
    else:
        copy[at + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)
    return bytes(copy)


def refuses(lab, status, wanted):
    said = lab.program.text(lab.program.mark)
    if status != wanted or "store" not in said:
        raise Violation(f"{lab.name} ended with {status}, not {wanted}: {said[-2000:]}")


def pages(trial, labs):
    """(lab, page, kind) of these copies, as many as are wanted."""
    every = [(name, page, kind) for name in labs for page in range(len(labs[name][1]) // PAGE)
             for kind in KINDS]
    return every if trial.count == 0 else trial.chance.sample(every, trial.count)


def damage(trial, labs):
    found = trial.notes
    found.update(refused=0, harmless=0)
    for name, page, kind in pages(trial, labs):
        lab, data, right = labs[name]
        unclean = trial.chance.random() < 0.5
        lab.lay(damaged(data, page, kind, trial.chance), unclean)
        try:
            status = lab.run(right)
            if status:
                refuses(lab, status, DAMAGED)
        except Violation as violation:
            trial.violations.append(f"page {page} {kind} unclean={unclean}: {violation}")
            return
        found["refused" if status else "harmless"] += 1


def swap(labs, agencies):
    """Each program with each other's file."""
    for name, (lab, _, _) in labs.items():
        for other, (_, data, _) in labs.items():
            if other != name:
                lab.lay(data, unclean=False)
                both = name in agencies and other in agencies
                refuses(lab, lab.run([]), CONFIGURATION if both else DAMAGED)


# ---- old copies ----------------------------------------------------------------------------------

def copy_of(house, name):
    """Its file, after a clean end."""
    house.stop(name)
    data = store_file(house, name).read_bytes()
    house.restart(name)
    return data


def store_file(house, name):
    return house.folder / "store" / name / "data.mdb"


def give_back(trial, name, data):
    trial.kill(name)
    store_file(trial.house, name).write_bytes(data)
    trial.restart(name)
    trial.all_ready()


def old_agent(trial, data):
    """It is shown that it sent more than it knows of: it stops, and wants a new epoch."""
    house, load = trial.house, trial.load
    client = load.pause(AGENCY)
    trial.settle_one(AGENCY)
    give_back(trial, AGENCY, data)
    request = client.request()
    trial.history("submit", agency=AGENCY, token=request.submit.token.hex(),
                  topic=request.submit.draft.topic)
    line = Line(house.socket_of(AGENCY))
    line.ask([request], lambda _: None)
    line.end()
    try:
        status = house[AGENCY].wait_exit(WAIT_S)
    except subprocess.TimeoutExpired as never:
        raise Violation(f"{AGENCY} goes on with an old copy of its store") from never
    house.ended.add(AGENCY)
    said = house[AGENCY].text(house[AGENCY].mark)
    if status != CONFIGURATION or "epoch" not in said:
        raise Violation(f"{AGENCY} on an old copy ended with {status}: {said[-2000:]}")
    begin_epoch(trial)
    load.resume(client)


def begin_epoch(trial):
    house = trial.house
    house.epochs[AGENCY] += 1
    house.version += 1
    house.write_partnership()
    trial.lose(AGENCY)
    house.reload(*[one for one in house.agencies if one != AGENCY], *house.broker_ids)
    house.restart(AGENCY)


def fault(trial):
    house = trial.house
    trial.load.grant(2 * EACH)
    trial.load.wait(trial.load.granted)
    for agency in house.agencies:
        trial.settle_one(agency)
    files = {name: copy_of(house, name) for name in (AGENCY, OTHER, BROKER)}
    trial.all_ready()
    labs = {}
    try:
        for name, data in files.items():
            lab = Lab(house, name)
            lab.lay(data, unclean=False)
            labs[name] = lab, data, lab.right()
        swap(labs, house.agencies)
        damage(trial, {name: labs[name] for name in (AGENCY, BROKER)})
    finally:
        for lab, _, _ in labs.values():
            lab.program.close()
    trial.some_load()
    give_back(trial, BROKER, files[BROKER])
    trial.some_load()
    old_agent(trial, files[AGENCY])
    trial.some_load()


main("F11", fault, 30)
