"""Every configuration file that Kith ships passes `kith config check`; the page's and the
mailbox's, their programs' own."""

import shutil

from house import run, same
from partnership import ROOT


def behaviour(house):
    shutil.copytree(ROOT / "config", house.folder / "config")
    own = {"web.cfg": "kith-web", "mail.cfg": "kith-mail"}
    for program in own.values():
        house.built(program)
    files = sorted(house.folder.glob("config/**/*.cfg"))
    for path in files:
        check = ([own[path.name], "-c", str(path), "--check-config"] if path.name in own else
                 ["kith", "config", "check", str(path)])
        ran = house.run(*check, may_fail=True)
        same((ran.returncode, ran.stderr), (0, ""), path.name)
    same(len(files) > 8, True, "there are some")


run(behaviour)
