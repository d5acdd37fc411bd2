"""Every configuration file that Kith ships passes `kith config check`."""

import shutil

from house import run, same
from partnership import ROOT


def behaviour(house):
    shutil.copytree(ROOT / "config", house.folder / "config")
    files = sorted(house.folder.glob("config/**/*.cfg"))
    for path in files:
        ran = house.run("kith", "config", "check", str(path), may_fail=True)
        same((ran.returncode, ran.stderr), (0, ""), path.name)
    same(len(files) > 8, True, "there are some")


run(behaviour)
