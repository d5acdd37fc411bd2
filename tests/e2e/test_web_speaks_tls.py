"""With a certificate kith-web speaks TLS 1.2 and 1.3 and nothing else; the cookie is then one that
only this host may set, and a browser is told to stay with TLS."""

import os
import socket
import ssl
import subprocess

from house import WAIT_S, holds, same
from web_house import run_web

TEMPLATE = """cn = "kith.example.org"
ip_address = "{host}"
expiration_days = 2
signing_key
tls_www_server
"""


def make_certificate(house):
    template = house.write("agents/template", TEMPLATE.format(host=house.host))
    key, certificate = house.folder / "agents/web.key", house.folder / "agents/web.pem"
    for command in (["--generate-privkey", "--key-type", "ecdsa", "--outfile", key],
                    ["--generate-self-signed", "--load-privkey", key, "--template", template,
                     "--outfile", certificate]):
        subprocess.run(["certtool", *map(str, command)], check=True, capture_output=True)
    os.chmod(key, 0o600)
    return key, certificate


def speaks(web, version):
    context = ssl.create_default_context(cafile=web.certificate)
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(web.address, timeout=WAIT_S) as one:
        try:
            with context.wrap_socket(one, server_hostname=web.address[0]) as wrapped:
                return wrapped.version()
        except (ssl.SSLError, ConnectionError):
            return None


def behaviour(house):
    house.open()
    key, certificate = make_certificate(house)
    tls = 'tls = { certificate = "web.pem"; key = "web.key"; };'
    web = house.web("police", more=tls)
    web.certificate = str(certificate)
    web.context = ssl.create_default_context(cafile=web.certificate)
    person = web.client()
    answer = person.login()
    holds(answer.headers["Set-Cookie"].startswith("__Host-kith="), "the cookie's name")
    holds("; Secure" in answer.headers["Set-Cookie"], "it is for TLS alone")
    holds("max-age" in answer.headers["Strict-Transport-Security"], "stay with TLS")
    same(person.good("status")["agency"], "police", "it answers")
    stream = person.events()
    house.publish("police", house.event(1))
    same(stream.next()["event"], "entry", "a stream under TLS")
    stream.close()
    large = person.good("openapi.json")
    holds(len(large["paths"]) > 20, "an answer of many records")
    same(speaks(web, ssl.TLSVersion.TLSv1_2), "TLSv1.2", "1.2")
    same(speaks(web, ssl.TLSVersion.TLSv1_3), "TLSv1.3", "1.3")
    holds(b"HTTP/1.1" not in web.raw(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "nothing in clear")
    holds(b"HTTP/1.1" not in web.raw(os.urandom(4096)), "noise is closed")
    house.stop(web.name)
    os.chmod(key, 0o640)
    same(web.command().returncode, 78, "a key that others may read")
    os.chmod(key, 0o600)
    certificate.write_text("no certificate\n")
    same(web.command("--check-config").returncode, 78, "no certificate")


run_web(behaviour)
