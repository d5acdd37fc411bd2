#!/usr/bin/python3
"""House rules that a machine checks (CONTRIBUTING.md). Exit 1 with a line per finding.

  lint.py ROOT rules                 floors, style, texts, protos
  lint.py ROOT format                clang-format
  lint.py ROOT purity BUILD [--reference]   the pure libraries of a build folder; --reference: also
                                     say what the list of symbols no longer needs
  lint.py ROOT tidy BUILD [--whole]  clang-tidy over the build's compile commands; --whole: with
                                     clang's static analyzer, for minutes more
  lint.py ROOT cppcheck BUILD
  lint.py ROOT analyzer BUILD        gcc -fanalyzer
  lint.py ROOT clang BUILD           clang's warnings
  lint.py ROOT hardening BUILD       the flags and the programs of a build that ships
  lint.py ROOT self                  the checks find what is planted in tests/lint/fixtures
"""

import sys
from pathlib import Path

import analyzer
import floors
import hardening
import planted
import protos
import purity
import style
import texts
import tools
from tree import Tree, settle

HERE = Path(__file__).resolve().parent


def rules(root):
    tree = Tree(root)
    checks = (floors, style, texts, protos)
    findings = [finding for check in checks for finding in check.check(tree)]
    return settle(tree, findings, {rule for check in checks for rule in check.RULES})


def main(root, what, *rest):
    if what == "rules":
        findings = rules(root)
    elif what == "format":
        findings = tools.check_format(Tree(root))
    elif what == "purity":
        findings = purity.check_build(rest[0], HERE / "pure-symbols.txt", "--reference" in rest)
    elif what == "tidy":
        findings = tools.check_tidy(Tree(root), rest[0], "--whole" in rest)
    elif what == "cppcheck":
        findings = tools.check_cppcheck(Tree(root), rest[0])
    elif what == "analyzer":
        findings = analyzer.check(Tree(root), rest[0])
    elif what == "clang":
        findings = analyzer.check_clang(Tree(root), rest[0])
    elif what == "hardening":
        findings = hardening.check(rest[0])
    elif what == "self":
        findings = planted.check(HERE / "fixtures", rules)
    else:
        sys.exit(__doc__)
    for finding in findings:
        print(finding)
    print(f"{what}: {len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return 1 if findings else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
