"""Every configuration file that Kith ships passes `kith config check`; the page's, its own."""

import shutil

from house import run, same
from partnership import ROOT


def behaviour(house):
    shutil.copytree(ROOT / "config", house.folder / "config")
    house.built("kith-web")
    files = sorted(house.folder.glob("config/**/*.cfg"))
    for path in files:
        check = (["kith-web", "-c", str(path), "--check-config"] if path.name == "web.cfg" else
                 ["kith", "config", "check", str(path)])
        ran = house.run(*check, may_fail=True)
        same((ran.returncode, ran.stderr), (0, ""), path.name)
    same(len(files) > 8, True, "there are some")


run(behaviour)
