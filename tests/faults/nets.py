"""A network of its own for a partnership: each process in its own network namespace, all of them on
one bridge in one more, where packets between any two can be dropped, in one direction or both,
always or by chance, and a link made narrow.

Needs root, network namespaces and nftables: what scripts/test calls `netns`.
"""

import os
import subprocess

from trial import House, need

TABLE = """table bridge kith {
  set cut { type ifname . ifname; }
  set lossy { type ifname . ifname; }
  chain pass { type filter hook forward priority 0; policy accept;
    iifname . oifname @cut drop
    iifname . oifname @lossy numgen random mod 100 < %d drop
  }
}
"""


def run(*command, text=None):
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise OSError(f"{' '.join(command)}: {ran.stderr.strip()}")


class Net:
    def __init__(self, names):
        self.tag = f"kith{os.getpid()}"
        self.numbers = {name: number for number, name in enumerate(names, 2)}
        self.bridge, self.narrowed = f"{self.tag}-net", set()
        run("ip", "netns", "add", self.bridge)
        run("ip", "-n", self.bridge, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", self.bridge, "link", "set", "br0", "up")
        for name in names:
            self._join(name)
        self.loss(0)

    def _join(self, name):
        space, port = self.space(name), self.port(name)
        run("ip", "netns", "add", space)
        run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns",
            self.bridge)
        run("ip", "-n", space, "addr", "add", f"{self.host(name)}/24", "dev", "eth0")
        run("ip", "-n", space, "link", "set", "eth0", "up")
        run("ip", "-n", self.bridge, "link", "set", port, "master", "br0")
        run("ip", "-n", self.bridge, "link", "set", port, "up")

    def space(self, name):
        return f"{self.tag}-{name}"

    def port(self, name):
        return f"p{self.numbers[name]}"

    def host(self, name):
        return f"10.99.0.{self.numbers[name]}"

    def inside(self, name):
        """What comes before a command that is to run at that place."""
        return ["ip", "netns", "exec", self.space(name)]

    def nft(self, text):
        run("ip", "netns", "exec", self.bridge, "nft", "-f", "-", text=text)

    def loss(self, percent):
        """All links whole again; of those that `lossy` names, so many packets will be lost."""
        self.nft("add table bridge kith\ndelete table bridge kith\n" + TABLE % percent)

    def _add(self, kind, pairs):
        elements = ", ".join(f'"{self.port(a)}" . "{self.port(b)}"' for a, b in pairs)
        if elements:
            self.nft(f"add element bridge kith {kind} {{ {elements} }}")

    def cut(self, pairs):
        """Nothing passes from the first to the second of a pair."""
        self._add("cut", pairs)

    def lossy(self, pairs, percent):
        self.loss(percent)
        self._add("lossy", pairs)

    def narrow(self, name, rate):
        """Both directions of its link; rate as tc writes it."""
        for space, device in self._ends(name):
            run("tc", "-n", space, "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate,
                "burst", "16kb", "latency", "200ms")
        self.narrowed.add(name)

    def _ends(self, name):
        return (self.space(name), "eth0"), (self.bridge, self.port(name))

    def heal(self):
        self.loss(0)
        for name in self.narrowed:
            for space, device in self._ends(name):
                run("tc", "-n", space, "qdisc", "del", "dev", device, "root")
        self.narrowed.clear()

    def close(self):
        for space in (*map(self.space, self.numbers), self.bridge):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


class NetHouse(House):
    """A house whose processes have only that network between them."""

    def __init__(self, agencies, brokers, **options):
        need("netns")
        self.net = Net([*agencies, *brokers])
        try:
            super().__init__(agencies, brokers, **options)
        except BaseException:
            self.net.close()
            raise

    def endpoint(self, broker):
        return f"tcp://{self.net.host(broker)}:{self.ports[broker]}"

    def before(self, name):
        return self.net.inside(name)

    def close(self, keep=False):
        super().close(keep)
        self.net.close()
