"""The README's pictures: of the lead practitioner's own page, when the year is played. Taken with
the browser and the tools of the browser tests (scripts/pictures)."""

import json
import os
import subprocess
import sys
from pathlib import Path

from partnership import PartnershipError, ROOT

HERE = Path(__file__).resolve().parent


def take(bin_folder, page, folder, name):
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    os.environ["KITH_BIN"] = str(bin_folder)
    from page_house import tools
    start = {"webs": {page.agency: page.url},
             "logins": {page.agency: {"user": page.user, "password": page.password}},
             "picture": name, "tools": str(tools()), "pictures": str(Path(folder).resolve())}
    ran = subprocess.run(["node", str(HERE / "pictures.mjs")], check=False,
                         env={**os.environ, "KITH_PAGE": json.dumps(start)})
    if ran.returncode:
        raise PartnershipError(f"pictures.mjs ended with {ran.returncode}")
