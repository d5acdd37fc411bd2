"""What `kith household …` asks the agent.

Usage: test_cli_households.py KITH PROTO_FOLDER
"""

import sys
import unittest

from cli_asking import HOUSEHOLD, Case, api, kith, ok, submitted


class Households(Case):
    def test_household_open(self):
        draft = self.draft("household", "open", "--name", "n", "--reason", "r", "--team", "a,b",
                           "--lead", "a", "--lead-role", "family worker")
        self.assertEqual(draft, api.Draft(household_change=kith.Household(
            opened=True, name="n", reason="r",
            team=[kith.TeamSeat(agency="a"), kith.TeamSeat(agency="b")],
            lead=kith.Lead(agency="a", role="family worker"))))
        self.ask("household", "open", "--name", "n", "--reason", "r", "--lead", "a", wanted=64)

    def test_member_add(self):
        draft = self.draft("household", "member", "add", HOUSEHOLD, "--name", "n", "--role",
                           "child", "--from", "2026-03-01", "--shielded", "--beyond",
                           "--trusted-with", "t")
        self.assertEqual(draft.household_change.members[0], kith.Member(
            name="n", role="child", shielded=True, from_ms=1772323200000, beyond=True,
            trusted_with="t"))

    def test_team_and_lead(self):
        draft = self.draft("household", "team", "add", HOUSEHOLD, "a", "b")
        self.assertEqual(draft, api.Draft(household=HOUSEHOLD.bytes,
                                          household_change=kith.Household(
                                              team=[kith.TeamSeat(agency="a"),
                                                    kith.TeamSeat(agency="b")])))
        draft = self.draft("household", "team", "remove", HOUSEHOLD, "a")
        self.assertEqual(draft.household_change.team[0].to_ms, 1774746000000)
        self.ask("household", "team", "remove", HOUSEHOLD, "a", "--token", "t", wanted=64)
        draft = self.draft("household", "lead", HOUSEHOLD, "a", "--role", "worker", "--from", "1d",
                           "--read-first", "p", "--reason", "r")
        self.assertEqual(draft.household_change.lead,
                         kith.Lead(agency="a", role="worker", from_ms=1774746000000 - 86400000,
                                   read_first="p", reason="r"))
        self.ask("household", "lead", HOUSEHOLD, "a", wanted=64)
        draft = self.draft("household", "team", "remove", HOUSEHOLD, "a", "--despite",
                           "lead-without-successor")
        self.assertEqual(draft.despite, ["lead-without-successor"])
        draft = self.draft("refer", "--to", "a", "--need", "n", "--service", "s", "--basis", "b",
                           "--despite", "service-full,service-stale")
        self.assertEqual(draft.despite, ["service-full", "service-stale"])

    def test_close_and_reopen(self):
        draft = self.draft("household", "close", HOUSEHOLD, "--outcome", "o", "--not-asked", "n")
        self.assertEqual(draft.household_change,
                         kith.Household(closing=kith.Closing(outcome="o", not_asked="n")))
        draft = self.draft("household", "close", HOUSEHOLD, "--outcome", "o", "--need-met", "yes",
                           "--successor", "a", "--role", "worker", "--read-first", "p")
        self.assertEqual(draft.household_change.lead,
                         kith.Lead(agency="a", role="worker", read_first="p", reason="o"))
        self.ask("household", "close", HOUSEHOLD, "--outcome", "o", "--successor", "a", wanted=64)
        draft = self.draft("household", "reopen", HOUSEHOLD, "--reason", "r")
        self.assertEqual(draft.household_change.closing, kith.Closing(reopened=True, reason="r"))

    def member(self, *arguments, wanted=0):
        """What is asked when the household has these members."""
        held = [kith.Member(id=bytes([n]) * 16, name=name, role="kin", from_ms=5, to_ms=n,
                            trusted_with="school run", beyond=True, shielded=True)
                for n, name in enumerate(("Aunt", "Uncle", "Uncle"))]
        found = api.HouseholdResponse(households=[api.HouseholdView(members=held)])

        def answer(request):
            return ok(household=found) if request.WhichOneof("ask") == "household" else submitted()
        agent, ran = self.ask("household", "member", *arguments, wanted=wanted, answer=answer)
        return agent.asks("submit")[0].draft.household_change.members[0] if not wanted else ran

    def test_member_change_and_leave(self):
        held = dict(name="Aunt", trusted_with="school run", beyond=True, shielded=True,
                    id=bytes(16))
        self.assertEqual(self.member("change", HOUSEHOLD, "Aunt", "--role", "carer", "--from",
                                     "2026-03-01"),
                         kith.Member(role="carer", from_ms=1772323200000, **held))
        self.assertFalse(self.member("change", HOUSEHOLD, "Aunt", "--beyond", "no").beyond)
        self.assertEqual(self.member("change", HOUSEHOLD, "010101010101", "--name", "n",
                                     "--trusted-with", "t"),
                         kith.Member(id=b"\1" * 16, name="n", role="kin", to_ms=1, beyond=True,
                                     shielded=True, trusted_with="t"))
        self.member("change", HOUSEHOLD, "Aunt", "--beyond", "perhaps", wanted=64)
        self.assertEqual(self.member("leave", HOUSEHOLD, "Aunt", "--to", "2026-03-01").to_ms,
                         1772323200000)
        ran = self.member("leave", HOUSEHOLD, "Uncle", wanted=65)
        self.assertIn(b"several are called Uncle, give the id: shielded (000000000000)", ran.stderr)
        ran = self.member("leave", HOUSEHOLD, "Nobody", wanted=66)
        self.assertIn(b"no member is called Nobody", ran.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
