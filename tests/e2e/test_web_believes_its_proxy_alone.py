"""The single sign-on proxy, and nobody else, may name the user: on its own socket, under its own
uid, in its own header."""

import http.client
import os
import socket

from house import WAIT_S, holds, same
from web_house import run_web


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=WAIT_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Proxy:
    """What Client asks, over the proxy's socket."""

    def __init__(self, house):
        self.path = str(house.folder / "run" / "proxy.sock")

    def connection(self):
        return Unix(self.path)


def config(uid):
    return (f'proxy = {{ socket = "../run/proxy.sock"; uid = {uid}; '
            'header = "X-Staff"; };')


def behaviour(house):
    house.open("police")
    web = house.web("police", more=config(os.getuid()))
    client = web.client()
    client.web = Proxy(house)
    staff = {"X-Staff": "duty"}
    same(client.get("status").status, 401, "without a name")
    said = client.get("session", headers=staff).json
    same((said["user"], said["by_proxy"]), ("duty", True), "who the proxy says")
    done = {"notice_id": "01900000-0000-7000-8000-000000000001"}
    same(client.post("done", done, headers=staff).rule, "csrf", "a change needs the token")
    same(client.post("done", done, headers={**staff, "X-Kith-CSRF": said["csrf"]}).status, 404,
         "with it, the agent is asked")
    same(client.get("status", headers={"X-Staff": "stranger"}).status, 401, "no user of ours")
    same(web.client().get("status", headers=staff).status, 401, "the header elsewhere")
    house.stop(web.name)
    web.configure(more=config(os.getuid() + 1))
    web.house.restart(web.name)
    try:
        came = client.get("status", headers=staff).status
    except (http.client.RemoteDisconnected, ConnectionError):
        came = None
    same(came, None, "another uid at its socket")
    holds("proxy-refused uid=" in house[web.name].text(), "the log says so")


run_web(behaviour, agencies=("police",), front_door="police")
