"""One partnership on this machine: its files in a scratch folder, its brokers and agents as real
processes, and the `kith` command against them. What demo/play and the end-to-end tests stand on.

Nothing here is fixed: each house has a scratch folder and a loopback address of its own, so any
number of them run side by side.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60  # a bound for what never takes that long, not a pause
PROGRAMS = ("kith-broker", "kith-agent", "kith")


class PartnershipError(Exception):
    pass


def find_program(bin_folder, name):
    bin_folder = Path(bin_folder).resolve()
    for place in (bin_folder / "bin" / name, bin_folder / name):
        if place.is_file():
            return str(place)
    raise PartnershipError(f"{name} is not built in {bin_folder}: run scripts/demo or scripts/test")


# A child ends with whoever started it, however that ends.
WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]


class Program:
    """A broker or an agent: one process after another, one log. The log is a file, so that the
    process may outlive whoever started it; `tail` tells when there is more of it."""

    def __init__(self, name, argv, log, outlives):
        self.name, self.log = name, Path(log)
        self.argv = argv if outlives else [*WITH_US, *argv]
        self.log.touch()
        self.process = None
        self.more = threading.Condition()
        self.tail = subprocess.Popen([*WITH_US, "tail", "-n", "+1", "-f", str(self.log)],
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        for _ in self.tail.stdout:
            with self.more:
                self.more.notify_all()

    def _watch(self, process):
        process.wait()
        with self.more:
            self.more.notify_all()

    def start(self, *more, env=None):
        with open(self.log, "ab") as log:
            self.mark = self.log.stat().st_size
            self.process = subprocess.Popen([*self.argv, *more], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True,
                                            env={**os.environ, **(env or {})})
        threading.Thread(target=self._watch, args=(self.process,), daemon=True).start()

    def text(self, since=0):
        with open(self.log, "rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")

    def position(self):
        return self.log.stat().st_size

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_line(self, word, since=None, timeout=READY_S, times=1):
        """Until the log has `word` this many times after `since` (else: after the last start).
        The text since then. A process that ends first is an error that shows it."""
        since = self.mark if since is None else since
        deadline = time.monotonic() + timeout
        with self.more:
            while True:
                said = self.text(since)
                if said.count(word) >= times:
                    return said
                left = deadline - time.monotonic()
                if left <= 0 or not self.running:
                    why = "did not come in time" if self.running else \
                        f"never came: it ended with {self.process.returncode}"
                    raise PartnershipError(f"{self.name}: `{word}` {why}\n{said[-2000:]}")
                self.more.wait(min(left, 1))

    def wait_ready(self, timeout=READY_S):
        return self.wait_line(" ready", timeout=timeout)

    def signal(self, number):
        self.process.send_signal(number)

    def wait_exit(self, timeout=READY_S):
        return self.process.wait(timeout)

    def kill(self):
        """-9, at once; the process is gone when this returns."""
        self.signal(signal.SIGKILL)
        return self.wait_exit()

    def stop(self):
        if self.running:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        return self.wait_exit()

    def close(self):
        if self.running:
            self.kill()
        self.forget()

    def forget(self):
        """Lets the process run on; nothing here follows it any more."""
        self.tail.kill()
        self.tail.wait()


class Partnership:
    """agencies: id → name; brokers: ids. Writes every file and makes keys; starts nothing.

    settings: more lines of each agent's configuration. body: topics, clauses and subscriptions of
    the partnership file; the example's when not given. outlives: its processes may run on when we
    end. The fields may be changed between two write_… calls.
    """

    def __init__(self, bin_folder, agencies, brokers=("hub-a", "hub-b"), *, exercise=False,
                 front_door, liveness="30s", settings="", body=None, outlives=False):
        self.bin_folder = bin_folder
        self.bin = {name: find_program(bin_folder, name) for name in PROGRAMS}
        self.folder = Path(tempfile.mkdtemp(prefix="kith-"))
        self.outlives = outlives
        self.agencies, self.broker_ids = dict(agencies), list(brokers)
        self.exercise, self.front_door = exercise, front_door
        self.liveness, self.settings = liveness, settings
        self.body = body or example_body()
        self.version = 1
        self.epochs = {agency: 1 for agency in self.agencies}
        self.extra = {}           # agency → more lines of its entry
        self.people = {}          # agency → (name, role) of those who come through a gateway
        self.revoked = {}         # (name, kind) → a key beside the current one
        self.host = "127.{}.{}.{}".format(*(random.randint(1, 254) for _ in range(3)))
        self.ports = dict(zip(self.broker_ids, free_ports(self.host, len(self.broker_ids))))
        self.programs = {}
        for part in ("agents", "keys", "store", "run", "logs"):
            (self.folder / part).mkdir(exist_ok=True)
        self._make()

    # ---- files -------------------------------------------------------------------------------

    def _make(self):
        self.public = {}
        for name in [*self.agencies, *self.broker_ids]:
            self.make_keys(name)
        self.write_partnership()
        for broker in self.broker_ids:
            self.write_broker(broker)
        for agency in self.agencies:
            self.write_agent(agency)

    def make_keys(self, name, folder=None):
        folder = folder or self.folder / "keys" / name
        more = ["--broker"] if name in self.broker_ids else []
        self.run("kith", "keys", "new", str(folder), *more)
        lines = Path(folder, "public.txt").read_text(encoding="ascii").splitlines()
        self.public[name] = dict(line.split() for line in lines if line)

    def keys_of(self, name):
        out = []
        for kind, key in self.public[name].items():
            listed = [(key, "current")]
            if (name, kind) in self.revoked:
                listed.append((self.revoked[name, kind], "revoked"))
            keys = ", ".join(f'{{ key = "{one}"; state = "{state}"; }}' for one, state in listed)
            out.append(f"{kind} = ( {keys} );")
        return " ".join(out)

    def write_partnership(self, path=None):
        agencies = ",\n".join(
            f'{{ id = "{agency}"; name = "{name}"; phone = "01632 9600{number:02}"; '
            f'epoch = {self.epochs[agency]}; {self.extra.get(agency, "")}\n'
            f'  {self.keys_of(agency)} }}'
            for number, (agency, name) in enumerate(self.agencies.items(), 1))
        brokers = ",\n".join(
            f'{{ id = "{broker}"; endpoint = "{self.endpoint(broker)}";\n'
            f'  {self.keys_of(broker)} }}' for broker in self.broker_ids)
        write_whole(path or self.folder / "partnership.cfg", f"""\
partnership = {{ id = "exampletown"; version = {self.version};
  exercise = {str(self.exercise).lower()}; front_door = "{self.front_door}"; }};
agencies = (
{agencies}
);
brokers = (
{brokers}
);
{self.body}""")

    def endpoint(self, broker):
        return f"tcp://{self.host}:{self.ports[broker]}"

    def listens(self, broker):
        """Where it listens; its endpoint is where the others dial it."""
        return self.endpoint(broker)

    def write_broker(self, broker):
        write_whole(self.folder / f"{broker}.cfg", f"""\
broker = "{broker}";
listen = "{self.listens(broker)}";
partnership = "partnership.cfg";
keys = "keys/{broker}";
store = {{ folder = "store/{broker}"; map = "1GiB"; reserve = "1MiB"; }};
liveness = "{self.liveness}";
""")

    def write_agent(self, agency, more=""):
        brokers = ", ".join(f'"{broker}"' for broker in self.broker_ids)
        people = self.people.get(agency, ())
        named = "".join(f', {{ name = "{name}"; role = "{role}"; }}' for name, role in people)
        gateways = f"gateways = [ {os.getuid()} ];\n" if people else ""
        write_whole(self.folder / "agents" / f"{agency}.cfg", f"""\
agency = "{agency}";
partnership = "../partnership.cfg";
keys = "../keys/{agency}";
brokers = [ {brokers} ];
store = {{ folder = "../store/{agency}"; map = "1GiB"; reserve = "1MiB"; }};
api = {{ socket = "../run/{agency}.sock"; }};
users = ( {{ uid = {os.getuid()}; name = "duty"; role = "duty officer"; }}{named} );
{gateways}{self.settings}{more}
""")

    # ---- processes ---------------------------------------------------------------------------

    def run(self, program, *arguments, may_fail=False, timeout=READY_S, **options):
        """A program to its end: the finished process, with what it printed and complained."""
        ran = subprocess.run([self.bin[program], *arguments], capture_output=True, text=True,
                             timeout=timeout, cwd=self.folder, **options)
        if ran.returncode and not may_fail:
            raise PartnershipError(
                f"{program} {' '.join(arguments)}: {ran.returncode}\n{ran.stderr}")
        return ran

    def config(self, name):
        if name in self.broker_ids:
            return self.folder / f"{name}.cfg"
        return self.folder / "agents" / f"{name}.cfg"

    def program_of(self, name):
        return "kith-broker" if name in self.broker_ids else "kith-agent"

    def before(self, name):
        """What its command line begins with: another place for it to run in."""
        return []

    def init(self, name):
        self.run(self.program_of(name), "-c", str(self.config(name)), "--init")

    def start(self, name, ready=True, env=None):
        program = self.programs.get(name)
        if program is None:
            program = Program(name, [*self.before(name), self.bin[self.program_of(name)], "-c",
                                     str(self.config(name))], self.folder / "logs" / name,
                              self.outlives)
            self.programs[name] = program
        program.start(env=env)
        if ready:
            program.wait_ready()
        return program

    def start_all(self):
        """Every process, the brokers first. A port that somebody else took is changed."""
        for broker in self.broker_ids:
            for _ in range(3):
                try:
                    self.start(broker)
                    break
                except PartnershipError:
                    if "in use" not in self.programs[broker].text():
                        raise
                    self.ports[broker] = free_port(self.host)
                    self.write_partnership()
                    self.write_broker(broker)
        for agency in self.agencies:
            self.start(agency, ready=False)
        for agency in self.agencies:
            self.programs[agency].wait_ready()

    def __getitem__(self, name):
        return self.programs[name]

    def wipe(self, name):
        """The whole store of a stopped process, as a dead disk takes it; then a new, empty one."""
        shutil.rmtree(self.folder / "store" / name)
        self.init(name)

    def close(self, keep=False):
        for program in self.programs.values():
            program.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the command -------------------------------------------------------------------------

    def socket_of(self, agency):
        return str(self.folder / "run" / f"{agency}.sock")

    def command(self, agency, *arguments):
        return [self.bin["kith"], *map(str, arguments), "--json",
                "--agent", self.socket_of(agency)]

    def try_kith(self, agency, *arguments, **options):
        """`kith --json` as that agency, which may fail: the finished process."""
        return self.run(*["kith", *self.command(agency, *arguments)[1:]], may_fail=True, **options)

    def kith(self, agency, *arguments, **options):
        """`kith --json` as that agency: the objects it answered, one a line."""
        ran = self.run(*["kith", *self.command(agency, *arguments)[1:]], **options)
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def ask(self, agency, *arguments, **options):
        """The same for a command that answers with one object."""
        return self.kith(agency, *arguments, **options)[0]

    def feed(self, agency, *more):
        """Its whole feed, or of a household."""
        return self.kith(agency, "feed", *more, "--limit", 10000)


def write_whole(path, text):
    """Readers see the old file or the new one, never half of it."""
    path = Path(path)
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def example_body():
    """Topics, clauses and subscriptions of the example partnership."""
    text = (ROOT / "config" / "partnership.cfg").read_text(encoding="utf-8")
    return text[text.index("topics = ("):]


def free_port(host):
    return free_ports(host, 1)[0]


def free_ports(host, count):
    """Each another: all are held until the last is found."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((host, 0))
        return [probe.getsockname()[1] for probe in probes]
