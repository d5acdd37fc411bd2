"""An agent of the tests: answers `kith` over ipc as it is told, and remembers what it was asked."""

import importlib
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import zmq

WAIT_S = 60  # a bound for what takes milliseconds


def load(proto):
    """The Python modules of kith.proto and api.proto."""
    with tempfile.TemporaryDirectory(prefix="kith-proto-") as folder:
        subprocess.run(["protoc", f"--proto_path={proto}", f"--python_out={folder}",
                        f"{proto}/kith.proto", f"{proto}/api.proto"], check=True)
        sys.path.insert(0, folder)
        return importlib.import_module("kith_pb2"), importlib.import_module("api_pb2")


class Agent:
    """answer(request): a Response, a list of them, or None for silence. Its id is filled in when it
    is 0. Bytes are sent as they are."""

    def __init__(self, api, path, answer):
        self.api, self.path, self.answer = api, path, answer
        self.asked, self.failure = [], None
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(f"ipc://{path}")
        self.stopper = self.context.socket(zmq.PAIR)
        self.stopper.bind(f"inproc://stop-{id(self)}")
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        stop = self.context.socket(zmq.PAIR)
        stop.connect(f"inproc://stop-{id(self)}")
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(stop, zmq.POLLIN)
        while stop not in dict(poller.poll()):
            route, body = self.socket.recv_multipart()
            request = self.api.Request.FromString(body)
            self.asked.append(request)
            try:
                answers = self.answer(request)
            except Exception as failure:  # told by the test, in its own thread
                self.failure = failure
                answers = None
            for one in answers if isinstance(answers, list) else [answers]:
                if one is None:
                    continue
                if not isinstance(one, bytes):
                    one.id = one.id or request.id
                    one = one.SerializeToString()
                self.socket.send_multipart([route, one])
        stop.close(0)
        self.socket.close(0)

    def asks(self, kind):
        """The requests of this kind so far."""
        return [getattr(one, kind) for one in self.asked if one.WhichOneof("ask") == kind]

    def close(self):
        if self.thread.is_alive():
            self.stopper.send(b"")
            self.thread.join(WAIT_S)
        self.stopper.close(0)
        self.context.term()
        if os.path.exists(self.path):
            os.unlink(self.path)
        if self.failure:
            raise self.failure


class Desk:
    """One test's place: a folder, the command, and agents to ask."""

    def __init__(self, kith, api):
        self.kith, self.api = kith, api
        self.folder = tempfile.TemporaryDirectory(prefix="kith-cli-")
        self.agents = []

    def path(self, name):
        return str(Path(self.folder.name) / name)

    def write(self, name, text):
        Path(self.path(name)).write_bytes(text.encode() if isinstance(text, str) else text)
        return self.path(name)

    def agent(self, answer):
        made = Agent(self.api, self.path(f"agent-{len(self.agents)}.sock"), answer)
        self.agents.append(made)
        return made

    def run(self, *arguments, agent=None, text="", environment=None):
        """The finished command. Times are shown in UTC."""
        argv = [self.kith, *map(str, arguments)]
        if agent:
            argv += ["--agent", agent.path]
        variables = {**os.environ, "TZ": "UTC", "NO_COLOR": "1", **(environment or {})}
        return subprocess.run(argv, input=text.encode(), capture_output=True, check=False,
                              timeout=WAIT_S, env=variables)

    def close(self):
        for agent in self.agents:
            agent.close()
        self.folder.cleanup()
