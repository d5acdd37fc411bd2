"""A check that cannot fail proves nothing: each fixture is a small tree with planted mistakes and a
file EXPECTED that names them, `FILE:LINE: rule` a line. What is found must equal it.
"""

import subprocess
import tempfile
from pathlib import Path

import analyzer
import purity
from tree import Finding


def check(fixtures, rules):
    trees = sorted(path.parent for path in fixtures.glob("*/EXPECTED"))
    if not trees:
        return [Finding(str(fixtures), 1, "planted", "there are no fixtures")]
    findings = []
    for tree in trees:
        found = {f"{one.path}:{one.line}: {one.rule}" for one in rules(tree)}
        findings += compare(tree.name, found, expected(tree))
    return [*findings, *check_purity(fixtures / "purity.c"),
            *check_analyzer(fixtures / "analyzer.c")]


def expected(tree):
    lines = Path(tree, "EXPECTED").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line}


def compare(name, found, wanted):
    for line in sorted(wanted - found):
        yield Finding(name, 1, "planted", f"not found: {line}")
    for line in sorted(found - wanted):
        yield Finding(name, 1, "planted", f"found, but nothing is wrong there: {line}")


def check_purity(source):
    """Compiles the fixture into an archive: one clock, one forbidden user, one global, one planted
    bug, and one line of the list that nothing needs."""
    with tempfile.TemporaryDirectory() as folder:
        compiled, archive = Path(folder, "planted.c.o"), Path(folder, "libplanted.a")
        subprocess.run(["gcc", "-O0", "-c", "-o", compiled, source], check=True)
        subprocess.run(["ar", "qc", archive, compiled], check=True)
        allow_list = Path(folder, "list")
        allow_list.write_text("memcpy any bytes\nabort err.c ends\nstrlen any unused here\n",
                              encoding="utf-8")
        found = [*purity.check([archive], [], purity.read_list(allow_list), True),
                 *purity.check_planted([archive])]
    said = {f"{one.rule} {one.text.split(':')[0]}" for one in found}
    return compare("purity.c", said, {"impure time", "impure abort", "mutable-global counter",
                                      "impure kith_planted_bug",
                                      "planted-bug asks which bug is planted",
                                      "allowance nothing needs abort any more",
                                      "allowance nothing needs strlen any more"})


def check_analyzer(source):
    """One leak that is waived, one double free that is not, and a waiver that nothing needs."""
    waivers = {("analyzer.c", "leaks", "analyzer-malloc-leak"): 1,
               ("analyzer.c", "frees", "analyzer-malloc-leak"): 2}
    said = analyzer.analyse(source.name, [], source.parent)
    found = {f"{one.path}:{one.line}: {one.rule}"
             for one in analyzer.judge({source.name: said}, waivers)}
    return compare(source.name, found, {"analyzer.c:18: analyzer",
                                        f"{analyzer.WAIVERS}:2: allowance"})
