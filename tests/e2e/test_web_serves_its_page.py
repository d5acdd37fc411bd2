"""The page's files come with headers that let nothing but themselves run, and no path of a request
reaches the disk."""

import http.client

from house import ROOT, WAIT_S, holds, same
from web_house import run_web


def fetch(web, path, method="GET", headers=None):
    one = http.client.HTTPConnection(*web.address, timeout=WAIT_S)
    one.request(method, path, headers=headers or {})
    answer = one.getresponse()
    body = answer.read()
    one.close()
    return answer, body


def behaviour(house):
    web = house.web("police", more=f'page = "{ROOT}/web/page";')
    answer, body = fetch(web, "/")
    same((answer.status, body), (200, (ROOT / "web/page/index.html").read_bytes()), "the page")
    same(answer.headers["Content-Type"], "text/html; charset=utf-8", "its type")
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
        holds(part in policy, f"the policy has {part}")
    holds("unsafe" not in policy, "the policy lets nothing inline run")
    for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
                        ("X-Frame-Options", "DENY"), ("Connection", "close")):
        same(answer.headers[name], value, name)
    same(fetch(web, "/", headers={"If-None-Match": answer.headers["ETag"]})[0].status, 304,
         "what the browser has already")
    head, nothing = fetch(web, "/app.js", "HEAD")
    same((head.status, nothing), (200, b""), "the head alone")
    same(fetch(web, "/views/feed.js")[0].headers["Content-Type"], "text/javascript; charset=utf-8",
         "a script in a folder")
    for path in ("/nothing", "/views", "/index.html.", "/web.cfg", "/views/entry.js/"):
        same(fetch(web, path)[0].status, 404, path)
    for path in ("/../web.cfg", "/views/../../page.cfg", "/%2e%2e/web.cfg", "//etc/passwd"):
        same(fetch(web, path)[0].status, 400, path)
    same(fetch(web, "/", "POST")[0].status, 405, "a page is only read")
    large = house.folder / "large"
    large.mkdir()
    with open(large / "big.js", "wb") as file:
        file.truncate(17 << 20)
    web.configure(more=f'page = "{large}";')
    ran = web.command("--check-config")
    same(ran.returncode, 78, "files that are too large for a page")
    holds("big.js" in ran.stderr, ran.stderr)


run_web(behaviour, agencies=("police",), front_door="police")
