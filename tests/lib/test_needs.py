"""A test that needs what is missing fails and names it; it passes only when the run said so."""

import contextlib
import io
import os
import unittest
from pathlib import Path
from subprocess import run

import needs

ROOT = Path(__file__).resolve().parents[2]


class Needs(unittest.TestCase):
    def setUp(self):
        os.environ.pop("KITH_WITHOUT", None)
        needs.NEEDS["nothing"] = (lambda: True, "nothing")
        needs.NEEDS["wings"] = (lambda: False, "wings to fly")

    def ends(self, *names):
        said = io.StringIO()
        with self.assertRaises(SystemExit) as end, contextlib.redirect_stdout(said):
            needs.need(*names)
        return end.exception.code, said.getvalue()

    def test_what_is_there_is_no_matter(self):
        needs.need("nothing")

    def test_what_is_missing_fails_and_is_named(self):
        said, _ = self.ends("nothing", "wings")
        self.assertIn("missing: wings (wings to fly)", said)
        self.assertIn("scripts/test --without=wings", said)
        self.assertNotIn("nothing", said)

    def test_what_the_run_goes_without_is_not_held(self):
        os.environ["KITH_WITHOUT"] = "root,wings"
        self.assertEqual(self.ends("wings"), (0, "not held, without: wings\n"))
        needs.need("nothing")

    def test_the_run_refuses_a_name_that_nothing_needs(self):
        ran = run([ROOT / "scripts" / "test", "--without=fuse,wheels", "-N"], capture_output=True,
                  text=True, check=False)
        self.assertEqual(ran.returncode, 64)
        self.assertIn("`wheels`", ran.stderr)
        for name in ("root", "fuse", "loop", "netns"):
            self.assertIn(f"\n  {name} ", ran.stderr)


unittest.main()
