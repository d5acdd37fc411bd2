"""A TCP proxy in front of every broker, that does what bad networks do to a connection: bytes come
late, in small pieces, wrong or not at all; connections are closed, reset, or dead at one end only.
"""

import asyncio
import random
import socket
import struct
import threading

from trial import House, free_port

CHUNK = 16384
LATE_MAX_S = 0.3


class Pipe:
    """One connection through the proxy: a pump for each direction."""

    def __init__(self, proxy, near, far):
        self.proxy, self.ends = proxy, (near, far)
        self.held = False  # nothing passes any more; both ends believe in it

    async def pump(self, reader, writer):
        due = 0.0
        loop = asyncio.get_running_loop()
        while data := await self.read(reader):
            if self.held or self.proxy.kind == "stalled":
                continue
            if self.proxy.kind == "flipped":
                data = self.proxy.flip(data)
            due = max(due, loop.time() + self.proxy.lateness())
            loop.call_at(due, self.write, writer, data)

    async def read(self, reader):
        try:
            return await reader.read(self.proxy.piece())
        except OSError:
            return b""

    def write(self, writer, data):
        if not writer.is_closing():
            writer.write(data)

    async def run(self):
        (near_reader, near), (far_reader, far) = self.ends
        pumps = [asyncio.ensure_future(self.pump(near_reader, far)),
                 asyncio.ensure_future(self.pump(far_reader, near))]
        _, rest = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        if not self.held:
            near.close()
            far.close()
        await asyncio.wait(rest or pumps)

    def cut(self):
        for _, writer in self.ends:
            writer.close()

    def reset(self):
        for _, writer in self.ends:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                       struct.pack("ii", 1, 0))
            writer.transport.abort()

    def half_open(self):
        """The far end is told that it is over, the near one never is."""
        self.held = True
        self.ends[1][1].close()


class Proxy:
    """kind: what happens to what passes, until it is changed: whole, late, pieces, flipped (one bit
    of a read in twenty) or stalled (nothing comes through)."""

    def __init__(self, host, ports, seed):
        """ports: from where it listens to where it goes."""
        self.chance = random.Random(seed)
        self.kind, self.pipes, self.instead = "whole", set(), {}
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(host, ports, started), daemon=True)
        self.thread.start()
        started.wait()

    def _run(self, host, ports, started):
        asyncio.set_event_loop(self.loop)
        for here, there in ports.items():
            self.loop.run_until_complete(asyncio.start_server(
                lambda reader, writer, there=there: self._serve(reader, writer, host, there),
                host, here))
        started.set()
        self.loop.run_forever()

    async def _serve(self, reader, writer, host, there):
        try:
            far = await asyncio.open_connection(host, self.instead.get(there, there))
        except OSError:
            writer.close()
            return
        pipe = Pipe(self, (reader, writer), far)
        self.pipes.add(pipe)
        await pipe.run()
        self.pipes.discard(pipe)

    def piece(self):
        return self.chance.randint(1, 200) if self.kind == "pieces" else CHUNK

    def lateness(self):
        return self.chance.uniform(0, LATE_MAX_S) if self.kind == "late" else 0

    def flip(self, data):
        if self.chance.random() > 0.05:
            return data
        at = self.chance.randrange(len(data) * 8)
        return data[:at // 8] + bytes([data[at // 8] ^ (1 << at % 8)]) + data[at // 8 + 1:]

    def swap(self, one, other):
        """New connections to the first go to the other, or, the next time, to the first again."""
        if self.instead.pop(one, None) is None:
            self.instead[one] = other

    def strike(self, what, share):
        """Pipe.what, to this share of the connections there are."""
        def strike():
            for pipe in list(self.pipes):
                if self.chance.random() < share:
                    getattr(pipe, what)()
        self.loop.call_soon_threadsafe(strike)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


class ProxyHouse(House):
    """A house whose agents reach the brokers through the proxy only."""

    def __init__(self, agencies, brokers, **options):
        self.behind = {}
        super().__init__(agencies, brokers, **options)
        self.proxy = None

    def start_all(self):
        self.proxy = Proxy(self.host, {self.ports[broker]: self.behind[broker]
                                       for broker in self.broker_ids}, self.host)
        super().start_all()

    def listens(self, broker):
        if broker not in self.behind:
            self.behind[broker] = free_port(self.host)
        return f"tcp://{self.host}:{self.behind[broker]}"

    def close(self, keep=False):
        super().close(keep)
        if self.proxy:
            self.proxy.close()
