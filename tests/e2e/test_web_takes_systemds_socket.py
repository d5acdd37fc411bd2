"""Started by a socket that systemd holds, kith-web listens at that one; without any place to listen
it says so."""

import os
import socket
import subprocess

from house import WAIT_S, holds, same
from web_house import run_web

# What systemd does: the socket is descriptor 3, and its environment names the process.
START = 'exec env LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web "$@"'


def behaviour(house):
    house.open("police")
    web = house.web("police", start=False, listen="")
    web.password()
    ran = web.command()
    same(ran.returncode, 78, "nowhere to listen")
    holds("`listen`" in ran.stderr, ran.stderr)
    with socket.socket() as held:
        held.bind((house.host, 0))
        held.listen()
        web.address = held.getsockname()
        program = subprocess.Popen(
            ["sh", "-c", START, "sh", house.built("kith-web"), "-c", str(web.config)],
            stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: os.dup2(held.fileno(), 3), close_fds=False)
        holds("ready listen={}:{}".format(*web.address) in program.stderr.readline(), "its place")
        person = web.client()
        same(person.login().status, 200, "it answers there")
        same(person.good("status")["agency"], "police", "and asks the agent")
        program.terminate()
        same(program.wait(WAIT_S), 0, "it stops")
        program.stderr.close()


run_web(behaviour, agencies=("police",), front_door="police")
