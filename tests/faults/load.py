"""The load that every fault is tried under: one client an agency, through its agent's own socket
(proto/api.proto), asking again with the same token until it has an answer. What each client
sent and was told is the history that is judged at the end.

A client sends only what it was granted: `grant(n)` lets n more requests go, `wait(n)` waits until
so many were answered. So the load is bounded, always under way when a fault strikes, and nobody
sleeps.
"""

import json
import os
import random
import sys
import threading
import time

import zmq

sys.path.insert(0, os.path.join(os.environ["KITH_BIN"], "tests", "client"))

import api_pb2 as api  # noqa: E402
import kith_pb2 as kith  # noqa: E402

WINDOW = 16        # requests of one client under way at once
PATIENCE_MS = 500  # then the answer counts as lost, and the same is asked again
WAIT_S = 180       # a bound for what takes a moment, with sanitizers on a busy machine


class LoadError(Exception):
    pass


class History:
    """One line of JSON an event, in the order in which the clients saw them."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")
        self.lock = threading.Lock()

    def __call__(self, what, **more):
        line = json.dumps({"event": what, "at_ms": int(time.time() * 1000), **more})
        with self.lock:
            if not self.file.closed:
                self.file.write(line + "\n")

    def close(self):
        with self.lock:
            self.file.close()


class Line:
    """A client's connection to its agent. After an answer that did not come it is made anew, so
    that no late answer is taken for another request's."""

    def __init__(self, path):
        self.path = path
        self.context = zmq.Context()
        self.socket = None

    def open(self):
        if self.socket is None:
            self.socket = self.context.socket(zmq.DEALER)
            self.socket.linger = 0
            self.socket.reconnect_ivl = 5
            self.socket.connect(f"ipc://{self.path}")
        return self.socket

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def ask(self, requests, on_answer):
        """All at once; on_answer(response) for each that comes in time."""
        socket = self.open()
        for request in requests:
            socket.send(request.SerializeToString())
        for _ in requests:
            if not socket.poll(PATIENCE_MS):
                self.close()
                return
            on_answer(api.Response.FromString(socket.recv()))

    def end(self):
        self.close()
        self.context.term()


class Client(threading.Thread):
    def __init__(self, load, agency, seed):
        super().__init__(daemon=True)
        self.load, self.agency = load, agency
        self.chance = random.Random(seed)
        self.line = Line(load.house.socket_of(agency))
        self.count, self.ids = 0, []
        self.failure = None
        self.idle, self.paused = False, False

    def run(self):
        try:
            while True:
                granted = self.load.take(self, self.chance.randint(1, WINDOW))
                if granted == 0:
                    break
                self.until_known([self.request() for _ in range(granted)])
                self.show()
        except Exception as failure:  # told by Load.wait, in the test's own thread
            self.failure = failure
            self.load.failed()
        self.line.end()

    def request(self):
        self.count += 1
        chance = self.chance
        draft = api.Draft(topic=chance.choice(("call-out", "arrest", "concern")),
                          household=self.load.household,
                          event=kith.Event(kind="call-out", occurred_ms=int(time.time() * 1000),
                                           narrative=f"{self.load.canary} event {self.count}",
                                           source=kith.Reference(system=f"load-{self.agency}",
                                                                 id=str(self.count))))
        if self.load.named or chance.random() < 0.2:
            others = [one for one in self.load.agencies if one != self.agency]
            draft.to.extend(chance.sample(others, chance.randint(1, len(others))))
        if self.ids and chance.random() < 0.2:
            draft.caused_by.append(chance.choice(self.ids[-50:]))
        token = f"{self.agency}-{self.count}".encode()
        return api.Request(id=self.count, submit=api.SubmitRequest(token=token, draft=draft))

    def show(self):
        """What its agent says became of one of its notices; when it answers."""
        notice = self.chance.choice(self.ids[-200:])
        ask = api.Request(id=self.count, show=api.ShowRequest(id=notice))
        self.line.ask([ask], lambda answer: self.shown(notice, answer.show))

    def shown(self, notice, show):
        if show.notice:  # else its store was lost, and the notice with it
            self.load.history("look", agency=self.agency)
        for one in show.recipients:
            self.load.history("state", agency=self.agency, id=notice.hex(),
                              recipient=one.agency, state=one.state)

    def until_known(self, requests):
        """Sent in their order, again and again, until each has its answer."""
        for request in requests:
            self.load.history("submit", agency=self.agency, token=request.submit.token.hex(),
                              topic=request.submit.draft.topic)
        waiting = {request.id: request for request in requests}

        def answered(response):
            request = waiting.get(response.id)
            if request is not None and self.told(request, response):
                del waiting[response.id]

        deadline = time.monotonic() + WAIT_S
        while waiting:
            self.line.ask(list(waiting.values()), answered)
            if waiting and time.monotonic() > deadline:
                raise LoadError(f"{self.agency} answers nothing to {len(waiting)} in {WAIT_S} s")
        self.load.answered(len(requests))

    def told(self, request, response):
        """Whether that is known now. A full disk stores nothing: it is asked again."""
        if response.status == api.STATUS_FULL:
            return False
        self.load.told(self.agency, request, response)
        self.ids.append(response.submit.id)
        return True


class Load:
    """One client for each of these agencies of the house, about one household. What they send is
    for its team, and now and then (named: always) for those they name."""

    def __init__(self, house, agencies, household, canary, history, seed, named=False):
        self.house, self.agencies, self.canary, self.named = house, agencies, canary, named
        self.household = bytes.fromhex(household.replace("-", ""))
        self.history = history
        self.more = threading.Condition()
        self.granted = self.taken = self.known = 0
        self.ended = False
        self.clients = [Client(self, agency, f"{seed}-{agency}") for agency in agencies]
        for client in self.clients:
            client.start()

    def take(self, client, wanted):
        """So many requests, at least one; 0: the load is over."""
        with self.more:
            client.idle = True
            self.more.notify_all()
            self.more.wait_for(lambda: self.ended or
                               self.granted > self.taken and not client.paused)
            client.idle = False
            count = min(wanted, self.granted - self.taken)
            self.taken += count
            return count

    def answered(self, count):
        with self.more:
            self.known += count
            self.more.notify_all()

    def failed(self):
        with self.more:
            self.more.notify_all()

    def grant(self, count):
        with self.more:
            self.granted += count
            self.more.notify_all()

    def wait(self, count, look=lambda: None):
        """Until so many requests, in all, have their answers. look() is asked now and then: an
        agent that is gone for good answers nobody."""
        def done():
            return self.known >= count or any(client.failure for client in self.clients)
        deadline = time.monotonic() + WAIT_S
        while True:
            with self.more:
                came = self.more.wait_for(done, 0.5)
            for client in self.clients:
                if client.failure:
                    raise client.failure
            if came:
                return
            look()
            if time.monotonic() > deadline:
                raise LoadError(f"{self.known} answers of {count} in {WAIT_S} s")

    def pause(self, agency):
        """Once this agency's client has every answer, it asks no more until it is resumed."""
        client = next(one for one in self.clients if one.agency == agency)
        with self.more:
            client.paused = True
            if not self.more.wait_for(lambda: client.idle or client.failure, WAIT_S):
                raise LoadError(f"{agency} has no answers in {WAIT_S} s")
        return client

    def resume(self, client):
        with self.more:
            client.paused = False
            self.more.notify_all()

    def ask(self, agency, **question):
        """One question beside the load; the whole Response."""
        answers = []
        line = Line(self.house.socket_of(agency))
        deadline = time.monotonic() + WAIT_S
        while not answers:
            if time.monotonic() > deadline:
                raise LoadError(f"{agency}: no answer in {WAIT_S} s")
            line.ask([api.Request(id=1, **question)], answers.append)
        line.end()
        return answers[0]

    def submit(self, agency, requests):
        """These too, beside the clients: their answers, in the history like the others."""
        answers = {}
        for one in requests:
            self.history("submit", agency=agency, token=one.submit.token.hex(),
                         topic=one.submit.draft.topic)
        line = Line(self.house.socket_of(agency))
        deadline = time.monotonic() + WAIT_S
        while len(answers) < len(requests):
            if time.monotonic() > deadline:
                raise LoadError(f"{agency}: no answer in {WAIT_S} s")
            line.ask([one for one in requests if one.id not in answers],
                     lambda answer: answers.update({answer.id: answer}))
        line.end()
        for one in requests:
            self.told(agency, one, answers[one.id])
        return [answers[one.id] for one in requests]

    def told(self, agency, request, response):
        """The answer, known now."""
        token = request.submit.token.hex()
        if response.status == api.STATUS_OK:
            self.history("answer", agency=agency, token=token, status="ok",
                         id=response.submit.id.hex(),
                         recipients=list(response.submit.recipients))
        else:
            self.history("answer", agency=agency, token=token,
                         status=api.Status.Name(response.status), rule=response.rule)
            raise LoadError(f"{agency}: {token} was refused: {response.what}")

    def until_in_feed(self, agency, notice, after):
        """Until that notice stands in its feed, after that place."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            watch = api.WatchRequest(after=after, wait_ms=200, limit=100)
            feed = self.ask(agency, watch=watch).feed
            if any(entry.id == notice for entry in feed.entries):
                return
            after = max([after, *(entry.seq for entry in feed.entries)])
        raise LoadError(f"{agency} never got {notice.hex()}")

    def end(self, look):
        """Everything granted is sent and known."""
        self.wait(self.granted, look)
        with self.more:
            self.ended = True
            self.more.notify_all()
        for client in self.clients:
            client.join(WAIT_S)
