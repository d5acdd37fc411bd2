"""A request that is too slow or too large is cut, and five hundred that say nothing keep nobody
out."""

import socket

from house import WAIT_S, holds, same
from web_house import PASSWORD, read_all, run_web

START = b"POST /api/v1/session HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"


def status_of(raw):
    return raw[:12]


def is_cut(web, sent, wanted, what):
    """Sent and then nothing more: what comes until the other end closes."""
    with socket.create_connection(web.address, timeout=WAIT_S) as one:
        one.sendall(sent)
        same(status_of(read_all(one)), wanted, what)


def hold_open(web, count):
    held = []
    for _ in range(count):
        one = socket.create_connection(web.address, timeout=WAIT_S)
        one.sendall(b"GET / HTTP/1.1\r\nHost:")
        held.append(one)
    return held


def behaviour(house):
    house.open("police")
    web = house.web("police", start=False, more='limits = { slow = "1s"; connections = 64; };')
    web.password()
    token = web.token()
    web.start()
    is_cut(web, START, b"HTTP/1.1 408", "a head that does not end")
    is_cut(web, START + b"Content-Length: 10\r\n\r\n{", b"HTTP/1.1 408", "a body that does not end")
    is_cut(web, b"", b"", "one that says nothing")
    same(status_of(web.raw(START + b"Content-Length: 5000\r\n\r\n")), b"HTTP/1.1 413",
         "a stranger's large body")
    same(status_of(web.raw(START + b"Content-Length: 700000\r\n\r\n")), b"HTTP/1.1 413",
         "a larger one than any")
    same(status_of(web.raw(START + b"X: " + b"x" * 20000 + b"\r\n\r\n")), b"HTTP/1.1 431",
         "a large head")
    same(status_of(web.raw(b"".join(b"x-%d: 1\r\n" % i for i in range(80)).join([START, b"\r\n"]))),
         b"HTTP/1.1 431", "many headers")
    text = "x" * 70000
    answer = web.client(token).post("submit", {"draft": {"alert": {"text": text}}}, "k")
    same((answer.status, answer.rule), (422, "text"), "a text longer than one may be")
    deep = "[" * 100000
    answer = web.client(token).post("feed", deep, headers={"Content-Type": "application/json"})
    same((answer.status, answer.rule), (400, "json"), "lists in lists")
    wide = '{"draft":{"to":[' + ",".join(['""'] * 5000) + "]}}"
    answer = web.client(token).post("submit", wide, "k",
                                    headers={"Content-Type": "application/json"})
    same((answer.status, answer.rule), (413, "body-size"), "a list longer than one may be")
    held = hold_open(web, 500)
    same(web.client(token).get("status").status, 200, "beside those who say nothing")
    same(web.client().login(password=PASSWORD).status, 200, "a person still gets in")
    holds("full connections=" in house[web.name].text(), "the log says that it was full")
    for one in held:
        one.close()


run_web(behaviour, agencies=("police",), front_door="police")
