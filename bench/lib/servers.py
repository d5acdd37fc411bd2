"""Every system that is measured: how its server is started, in a fresh folder and on loopback, and
which client speaks to it. A system whose program is not here raises Absent."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from partnership import WITH_US, Partnership, PartnershipError, free_port, write_whole  # noqa: E402

READY_S = 60
HOST = "127.0.0.1"
BODY = """topics = ( { name = "call-out"; class = "event"; type = "event"; lane = "normal"; } );
clauses = ( { id = "1"; classes = [ "event" ]; from = [ "*" ]; to = [ "*" ]; } );
subscriptions = ( { agency = "sub-0"; topics = [ "*" ]; } );
"""


class Absent(Exception):
    """The system cannot be measured here, and why."""


def program(name, *more_places):
    found = shutil.which(name) or next((p for p in more_places if os.access(p, os.X_OK)), None)
    if not found:
        raise Absent(f"{name} is not installed")
    return found


def wait_for_port(port, process):
    """Until somebody listens there: each refused connection takes the kernel a moment."""
    pause = threading.Event()  # nothing sets it: a server tells nobody that it listens
    for _ in range(READY_S * 50):
        if process.poll() is not None:
            break
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            pause.wait(0.02)
    raise Absent(f"it does not listen on port {port}")


class Server:
    """A started server: `pids` are measured, `arguments` go to its client."""

    def __init__(self, folder):
        self.folder, self.port = Path(folder), free_port(HOST)
        self.started, self.pids, self.arguments = [], [], []
        self.log = open(self.folder / "server.log", "wb")

    def start(self, argv, measured=True, env=None):
        process = subprocess.Popen([*WITH_US, *argv], stdin=subprocess.DEVNULL, stdout=self.log,
                                   stderr=self.log, cwd=self.folder, env=env,
                                   start_new_session=True)
        self.started.append(process)
        if measured:
            self.pids.append(process.pid)
        return process

    def listens(self, process):
        wait_for_port(self.port, process)
        self.arguments += ["-p", str(self.port)]

    def close(self):
        for process in self.started:
            process.terminate()
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.log.close()


# ---- Kith -------------------------------------------------------------------------------------

class Hub(Partnership):
    """One broker as config/broker.cfg sets it, and the keys of those who speak to it."""

    def write_broker(self, broker):
        write_whole(self.folder / f"{broker}.cfg", f"""\
broker = "{broker}";
listen = "{self.listens(broker)}";
partnership = "partnership.cfg";
keys = "keys/{broker}";
store = {{ folder = "store/{broker}"; map = "16GiB"; reserve = "256MiB"; }};
limits = {{ mailbox_messages = 1000000; mailbox_bytes = "4GiB"; }};
liveness = "60s";
""")


class KithServer:
    def __init__(self, folder, build, publishers=4, subscribers=3):
        tempfile.tempdir = str(folder)
        names = [f"pub-{i}" for i in range(publishers)] + [f"sub-{i}" for i in range(subscribers)]
        self.hub = Hub(build, {name: name.title() for name in names}, ("hub-a",),
                       front_door="sub-0", body=BODY)
        tempfile.tempdir = None
        self.hub.init("hub-a")
        process = self.hub.start("hub-a").process
        self.pids, self.arguments = [process.pid], ["-f", str(self.hub.folder)]

    def close(self):
        self.hub.close()


def kith(folder, build, _variant, publishers, subscribers):
    return KithServer(folder, build, publishers, subscribers)


def loop(folder, build, _variant, _publishers, subscribers):
    server = Server(folder)
    argv = [str(Path(build, "bench", "bench-loop-server")), str(server.port), str(folder),
            str(subscribers)]
    server.listens(server.start(argv))
    return server


# ---- peers ------------------------------------------------------------------------------------

def redis(folder, _build, variant, *_counts):
    name = program("redis-server")
    server = Server(folder)
    server.listens(server.start([
        name, "--bind", HOST, "--port", str(server.port), "--dir", str(folder), "--appendonly",
        "yes", "--appendfsync", variant, "--save", "", "--daemonize", "no"]))
    return server


def nats(folder, _build, variant, *_counts):
    name = program("nats-server")
    server = Server(folder)
    store = Path(folder, "jetstream")
    store.mkdir()
    if variant == "sync":  # this version has no option for it: the folder's files are written so
        if subprocess.run(["chattr", "+S", str(store)], capture_output=True).returncode:
            raise Absent("this disk has no `chattr +S`, so NATS cannot be made to sync")
    Path(folder, "nats.conf").write_text(f"""listen: {HOST}:{server.port}
jetstream {{ store_dir: "{store}", max_file_store: 20GB, max_memory_store: 1GB }}
""", encoding="ascii")
    server.listens(server.start([name, "-c", str(Path(folder, "nats.conf"))]))
    return server


MOSQUITTO_MORE = {
    "q1": "",
    "q2": "max_inflight_messages 256\n",  # with its 20 it drops a publisher with 256 in flight
    "q1save": "autosave_on_changes true\nautosave_interval 1\n",
}


def mosquitto(folder, _build, variant, *_counts):
    name = program("mosquitto", "/usr/sbin/mosquitto")
    server = Server(folder)
    Path(folder, "mosquitto.conf").write_text(f"""listener {server.port} {HOST}
allow_anonymous true
persistence true
persistence_location {folder}/
max_queued_messages 0
user root
log_type error
{MOSQUITTO_MORE[variant]}""", encoding="ascii")
    server.listens(server.start([name, "-c", str(Path(folder, "mosquitto.conf"))]))
    return server


def rabbitmq(folder, _build, _variant, *_counts):
    name = program("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server")
    name = "/usr/lib/rabbitmq/bin/rabbitmq-server" if os.path.exists(
        "/usr/lib/rabbitmq/bin/rabbitmq-server") else name
    server = Server(folder)
    mapper, peers = free_port(HOST), free_port(HOST)
    Path(folder, "rabbitmq.conf").write_text(
        f"listeners.tcp.local = {HOST}:{server.port}\nlog.file.level = warning\n",
        encoding="ascii")
    Path(folder, "plugins").write_text("", encoding="ascii")
    pid_file = Path(folder, "pid")
    env = {**os.environ, "HOME": str(folder), "ERL_EPMD_PORT": str(mapper),
           "ERL_EPMD_ADDRESS": HOST, "RABBITMQ_NODENAME": "bench@localhost",
           "RABBITMQ_MNESIA_BASE": str(Path(folder, "mnesia")),
           "RABBITMQ_LOG_BASE": str(Path(folder, "log")),
           "RABBITMQ_CONFIG_FILE": str(Path(folder, "rabbitmq")),
           "RABBITMQ_ENABLED_PLUGINS_FILE": str(Path(folder, "plugins")),
           "RABBITMQ_DIST_PORT": str(peers), "RABBITMQ_PID_FILE": str(pid_file),
           "RABBITMQ_CONF_ENV_FILE": os.devnull,
           "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
               "-kernel inet_dist_use_interface {127,0,0,1}"}
    server.start([program("epmd"), "-address", HOST, "-port", str(mapper)], measured=False)
    server.listens(server.start([name], measured=False, env=env))
    server.pids.append(int(pid_file.read_text(encoding="ascii")))
    return server


# name → (how to start it, which variant, its client, on disk before its acknowledgement?)
SYSTEMS = {
    "kith": (kith, "", "kith", "yes, grouped"),
    "kith-before": (kith, "", "kith", "yes, grouped"),
    "loop": (loop, "", "loop", "yes, grouped"),
    "redis-always": (redis, "always", "redis", "yes, grouped"),
    "rabbitmq-quorum": (rabbitmq, "quorum", "rabbitmq", "yes"),
    "rabbitmq-classic": (rabbitmq, "classic", "rabbitmq", "yes, or consumed"),
    "nats-sync": (nats, "sync", "nats", "yes, one by one"),
    "nats-default": (nats, "default", "nats", "no (2 min)"),
    "redis-everysec": (redis, "everysec", "redis", "no (1 s)"),
    "rabbitmq-transient": (rabbitmq, "transient", "rabbitmq", "no"),
    "mosquitto-q1": (mosquitto, "q1", "mosquitto", "no (30 min)"),
    "mosquitto-q2": (mosquitto, "q2", "mosquitto", "no (30 min)"),
    "mosquitto-q1save": (mosquitto, "q1save", "mosquitto", "no (a snapshot each second)"),
}


def client_of(name, build):
    client = Path(build, "bench", f"bench-{SYSTEMS[name][2]}")
    if not client.exists():
        raise Absent(f"{client.name} was not built: its library is not installed")
    return client


def start(name, folder, build, publishers, subscribers):
    begin, variant, _client, _durable = SYSTEMS[name]
    return begin(folder, build, variant, publishers, subscribers)
