"""A house whose agencies have kith-web, on a free port: asked as programs and as browsers do."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess

from house import WAIT_S, House, PartnershipError, run, same

PASSWORD = "plainly fictional words"
ROLES = """roles = (
  { name = "practitioner"; may = [ "read", "looked", "done", "link", "snooze", "offer",
      "submit" ]; },
  { name = "reader"; may = [ "read" ]; },
  { name = "records"; may = [ "submit:event", "status" ]; } );
"""
USERS = {"duty": "practitioner", "night": "reader", "records": "records"}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def rule(self):
        """Of a problem."""
        same(self.headers.get("Content-Type"), "application/problem+json", self.body)
        same(self.json["status"], self.status, "a problem says its status")
        return self.json["rule"]


class Client:
    """Who asks: with a token, or with the cookie that a log-in gave. One request a connection."""

    def __init__(self, web, token=None, headers=None):
        self.web, self.headers = web, dict(headers or {})
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method, path, body=None, headers=None):
        connection = self.web.connection()
        more = {**self.headers, **(headers or {})}
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            more.setdefault("Content-Type", "application/json")
        connection.request(method, f"/api/v1/{path}", body, more)
        came = connection.getresponse()
        answer = Answer(came.status, came.headers, came.read())
        connection.close()
        return answer

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body, key=None, **options):
        headers = {"Idempotency-Key": key} if key else {}
        return self.ask("POST", path, body, headers={**headers, **options.pop("headers", {})},
                        **options)

    def good(self, path, body=None, key=None):
        """What was asked for, of an answer that must be one."""
        answer = self.get(path) if body is None else self.post(path, body, key)
        if answer.status != 200:
            raise PartnershipError(f"{path}: {answer.status} {answer.body}")
        return answer.json

    def login(self, user="duty", password=PASSWORD):
        answer = self.post("session", {"user": user, "password": password})
        if answer.status == 200:
            cookie = answer.headers["Set-Cookie"].split(";")[0]
            self.headers = {"Cookie": cookie, "X-Kith-CSRF": answer.json["csrf"]}
        return answer

    def events(self, path="events", headers=None):
        return Events(self.web, f"/api/v1/{path}", {**self.headers, **(headers or {})})


class Events:
    """Server-sent events, as a browser reads them."""

    def __init__(self, web, path, headers):
        self.connection = web.connection()
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status

    def next(self):
        """The next event: its fields. None: the stream has ended."""
        event = {}
        while True:
            try:
                line = self.answer.readline().decode()
            except (ConnectionError, ssl.SSLError):
                return None
            if not line:
                return None
            line = line.rstrip("\n")
            if not line and event.get("data"):
                return event
            name, _, value = line.partition(":")
            if name:
                event[name] = value.strip()

    def close(self):
        self.connection.close()


class Web:
    """One kith-web."""

    def __init__(self, house, agency):
        self.house, self.agency, self.name = house, agency, f"web-{agency}"
        self.context = None

    @property
    def config(self):
        return self.house.folder / "agents" / f"{self.name}.cfg"

    def configure(self, more="", users=None, listen=None, roles=ROLES):
        listed = ", ".join(f'{{ name = "{name}"; role = "{role}"; }}'
                           for name, role in (users or USERS).items())
        listen = f"{self.house.host}:0" if listen is None else listen
        listen = f'listen = "{listen}";' if listen else ""
        self.config.write_text(f"""\
agent = "../run/{self.agency}.sock";
accounts = "{self.name}.accounts";
{listen}
{roles}users = ( {listed} );
{more}
""", encoding="utf-8")

    def command(self, *words, **options):
        return subprocess.run([self.house.built("kith-web"), "-c", str(self.config), *words],
                              capture_output=True, text=True, timeout=WAIT_S, check=False,
                              **options)

    def must(self, *words, **options):
        ran = self.command(*words, **options)
        if ran.returncode:
            raise PartnershipError(f"kith-web {words}: {ran.returncode} {ran.stderr}")
        return ran.stdout.strip()

    def token(self, user="duty"):
        return self.must("token", "add", user)

    def password(self, user="duty", text=PASSWORD):
        self.must("user", "add", user, input=f"{text}\n")

    def start(self):
        program = self.house.start(self.name)
        said = program.wait_line(" ready")
        found = re.search(r"ready listen=(\S+):(\d+)", said)
        self.address = (found.group(1), int(found.group(2))) if found else None
        return self

    def connection(self):
        if self.context:
            return http.client.HTTPSConnection(*self.address, timeout=WAIT_S, context=self.context)
        return http.client.HTTPConnection(*self.address, timeout=WAIT_S)

    def raw(self, data):
        """All that comes back to these bytes, until the other end closes. b"": at once."""
        with socket.create_connection(self.address, timeout=WAIT_S) as one:
            try:
                one.sendall(data)
                return read_all(one)
            except ConnectionError:
                return b""

    def client(self, token=None, **options):
        return Client(self, token, **options)


def read_all(one):
    got = b""
    while True:
        part = one.recv(65536)
        if not part:
            return got
        got += part


class WebHouse(House):
    def __init__(self, *arguments, **options):
        self.webs = {}
        super().__init__(*arguments, **options)

    def write_agent(self, agency, more=""):
        """The tests' own uid is the gateway, and everybody comes through it."""
        names = ", ".join(f'{{ name = "{name}"; role = "{name} officer"; }}'
                          for name in USERS if name != "duty")
        super().write_agent(agency, f"gateways = [ {os.getuid()} ];\n{more}")
        path = self.config(agency)
        path.write_text(path.read_text().replace("users = ( ", f"users = ( {names}, "))

    def config(self, name):
        return self.webs[name].config if name in self.webs else super().config(name)

    def program_of(self, name):
        if name in self.webs:
            self.built("kith-web")
            return "kith-web"
        return super().program_of(name)

    def web(self, agency="police", start=True, **options):
        """Its kith-web, with a password for duty."""
        web = Web(self, agency)
        self.webs[web.name] = web
        web.configure(**options)
        if start:
            web.password()
            web.start()
        return web


def run_web(behaviour, **options):
    run(behaviour, kind=WebHouse, **options)
