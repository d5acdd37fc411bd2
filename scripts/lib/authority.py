"""Certificates for servers that live as long as one run: made with certtool (gnutls-bin)."""

import subprocess
from pathlib import Path

TEMPLATES = {
    "ca": 'cn = "{name}"\nca\ncert_signing_key\nexpiration_days = 2\n',
    "server": 'cn = "{name}"\ndns_name = "{name}"\nip_address = "{host}"\n'
              "tls_www_server\nsigning_key\nexpiration_days = 2\n",
}


class Authority:
    """Who signs certificates: `certificate` is what a client believes."""

    def __init__(self, folder, name="authority"):
        self.folder, self.name = Path(folder), name
        self.certificate = self.folder / f"{name}.pem"
        self._make("ca", name, "", ["--generate-self-signed"])

    def _make(self, kind, name, host, how):
        template, key = self.folder / f"{name}.template", self.folder / f"{name}.key"
        template.write_text(TEMPLATES[kind].format(name=name, host=host), encoding="utf-8")
        for words in (["--generate-privkey", "--key-type", "ecdsa", "--outfile", key],
                      [*how, "--load-privkey", key, "--template", template,
                       "--outfile", self.folder / f"{name}.pem"]):
            subprocess.run(["certtool", *map(str, words)], check=True, capture_output=True)

    def issue(self, name, host):
        """A server's: NAME.pem and NAME.key in the folder, for this name and this address."""
        self._make("server", name, host, [
            "--generate-certificate", "--load-ca-certificate", self.certificate,
            "--load-ca-privkey", self.folder / f"{self.name}.key"])
