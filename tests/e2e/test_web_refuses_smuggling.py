"""What two readers of HTTP could take differently is answered 400 and the connection is closed: no
byte of it is ever taken for another request."""

import json

from house import holds, same
from web_house import run_web

HEAD = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
SECOND = b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"

CASES = (  # what it is, what is sent
    ("a length and chunks", HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"0\r\n\r\n" + SECOND),
    ("chunks and a length", HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
     b"5c\r\n" + SECOND),
    ("chunks", HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + SECOND),
    ("a bad chunk", HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + SECOND),
    ("a chunk that overruns", HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n"),
    ("a chunk of a negative size", HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n"),
    ("an encoding that is none", HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + SECOND),
    ("an encoding with a blank", HEAD + b"Transfer-Encoding : chunked\r\n\r\n" + SECOND),
    ("an encoding behind a tab", HEAD + b"Transfer-Encoding:\tchunked\r\n\r\n" + SECOND),
    ("two encodings", HEAD + b"Transfer-Encoding: identity, chunked\r\n\r\n" + SECOND),
    ("two lengths", HEAD + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}" + SECOND),
    ("the same length twice", HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
    ("a list of lengths", HEAD + b"Content-Length: 2, 2\r\n\r\n{}"),
    ("a signed length", HEAD + b"Content-Length: +2\r\n\r\n{}"),
    ("a folded length", HEAD + b"Content-Length:\r\n 2\r\n\r\n{}"),
    ("a folded header", HEAD + b"X-A: 1\r\n\tContent-Length: 2\r\n\r\n{}"),
    ("a header with a blank before its colon", HEAD + b"Content-Length : 2\r\n\r\n{}"),
    ("a bare line feed", HEAD + b"X-A: 1\nContent-Length: 2\r\n\r\n{}"),
    ("a bare carriage return", HEAD + b"X-A: 1\rContent-Length: 2\r\n\r\n{}"),
    ("a NUL", HEAD + b"X-A: 1\0\r\nContent-Length: 2\r\n\r\n{}"),
    ("two hosts", HEAD + b"Host: other\r\nContent-Length: 2\r\n\r\n{}"),
    ("no host", b"GET /api/v1/status HTTP/1.1\r\n\r\n"),
    ("a body with a GET", b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n" + SECOND),
    ("a whole address", b"GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n"),
    ("an empty line first", b"\r\n" + SECOND),
)


def answers(raw):
    return raw.count(b"HTTP/1.1 ")


def behaviour(house):
    web = house.web("police")
    for what, sent in CASES:
        came = web.raw(sent)
        same((answers(came), came[:13]), (1, b"HTTP/1.1 400 "), what)
        head, body = came.split(b"\r\n\r\n", 1)
        holds(b"\r\nConnection: close" in head, f"{what}: it says that it closes")
        same(json.loads(body)["status"], 400, what)
    same(answers(web.raw(SECOND + SECOND)), 1, "one request a connection")
    same(web.raw(b"GET / HTTP/1.0\r\nHost: h\r\n\r\n")[:12], b"HTTP/1.1 505", "an older HTTP")
    same(web.raw(b"PUT / HTTP/1.1\r\nHost: h\r\n\r\n")[:12], b"HTTP/1.1 501", "another method")
    same(web.client().get("session").status, 401, "and it still answers others")


run_web(behaviour, agencies=("police",), front_door="police")
