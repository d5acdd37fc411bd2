"""What `kith feed`, families, looked, snooze and tellings ask the agent, and what people read.

Usage: test_cli_feed.py KITH PROTO_FOLDER
"""

import json
import sys
import unittest
import uuid

import cli_agent

KITH, PROTO = sys.argv[1:3]
kith, api = cli_agent.load(PROTO)

HOUSEHOLD = uuid.UUID("01995f30-0000-7000-8000-00000000aaaa")
FRONT_DOOR = bytes(16)
T = 1774746000000  # 2026-03-29T01:00:00Z


def entry(seq, **more):
    return api.FeedEntry(seq=seq, id=HOUSEHOLD.bytes, origin="police", topic="call-out",
                         summary=f"event {seq}", occurred_ms=T, **more)


def snooze(**more):
    return api.Snooze(seq=3, household=HOUSEHOLD.bytes, topic="call-out", by="duty",
                      why="visit\ntonight", from_ms=T, until_ms=T + 3600000, hid=2, **more)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.desk = cli_agent.Desk(KITH, api)
        self.addCleanup(self.desk.close)

    def ask(self, *arguments, wanted=0, **answers):
        """Runs it at an agent that gives these answers: (the agent, what was printed)."""
        answers.setdefault("agent", api.StatusResponse(now_ms=T, feed_entries=9))
        kinds = {"status": "agent"}

        def answer(request):
            asked = request.WhichOneof("ask")
            kind = kinds.get(asked, asked)
            return api.Response(status=api.STATUS_OK, **{kind: answers[kind]})

        agent = self.desk.agent(answer)
        ran = self.desk.run(*arguments, agent=agent)
        self.assertEqual(ran.returncode, wanted, ran.stderr.decode())
        return agent, ran.stdout.decode() + ran.stderr.decode()


class Fresh(Case):
    def test_feed_fresh_begins_with_the_first_that_is_new(self):
        page = api.FeedResponse(entries=[entry(7, fresh=True, folded=2, flags=["corrects"])],
                                cursor=8)
        agent, shown = self.ask("feed", "--fresh", feed=page)
        (asked,) = agent.asks("feed")
        self.assertTrue(asked.fresh)
        self.assertEqual((asked.after, asked.snoozed), (0, False))
        self.assertIn("corrects +2 new", shown)
        self.assertIn("All up to 8", shown)

    def test_feed_goes_on_where_all_was_hidden(self):
        pages = [api.FeedResponse(cursor=4096, more=True),
                 api.FeedResponse(entries=[entry(5000)], cursor=5000)]
        agent = self.desk.agent(lambda request: api.Response(
            status=api.STATUS_OK, feed=pages[1 if request.feed.after else 0]))
        ran = self.desk.run("feed", "--fresh", "--json", agent=agent)
        self.assertEqual([json.loads(line)["seq"] for line in ran.stdout.splitlines()], [5000])

    def test_mark_goes_up_to_what_was_shown(self):
        page = api.FeedResponse(entries=[entry(7)], cursor=8)
        agent, shown = self.ask("feed", HOUSEHOLD, "--fresh", "--mark", feed=page,
                                looked=api.LookedResponse(fresh=1))
        (asked,) = agent.asks("looked")
        self.assertEqual((asked.household, asked.up_to), (HOUSEHOLD.bytes, 8))
        self.assertIn("Marked as looked at; 1 left.", shown)

    def test_mark_at_the_front_door(self):
        page = api.FeedResponse(entries=[entry(7)], cursor=8)
        agent, _ = self.ask("feed", "--front-door", "--fresh", "--mark", feed=page,
                            looked=api.LookedResponse())
        self.assertEqual(agent.asks("looked")[0].household, FRONT_DOOR)

    def test_nothing_new_marks_nothing(self):
        agent, shown = self.ask("feed", "--fresh", "--mark", feed=api.FeedResponse(cursor=3))
        self.assertEqual(agent.asks("looked"), [])
        self.assertIn("Nothing new.", shown)

    def test_mark_alone_is_no_command(self):
        for more in ([], ["--fresh", "--after", "3"], ["--fresh", "--by-time", HOUSEHOLD]):
            _, said = self.ask("feed", "--mark", *more, wanted=64)
            self.assertIn("--mark goes with --fresh", said)

    def test_feed_all(self):
        agent, _ = self.ask("feed", "--all", feed=api.FeedResponse(entries=[entry(1)]))
        self.assertTrue(agent.asks("feed")[0].snoozed)

    def test_looked(self):
        agent, shown = self.ask("looked", HOUSEHOLD, "--up-to", "12",
                                looked=api.LookedResponse(fresh=3))
        (asked,) = agent.asks("looked")
        self.assertEqual((asked.household, asked.up_to), (HOUSEHOLD.bytes, 12))
        self.assertEqual(shown, "3 new.\n")
        agent, shown = self.ask("looked", "--front-door", "--up-to", "12", "--json",
                                looked=api.LookedResponse(fresh=3))
        self.assertEqual(agent.asks("looked")[0].household, FRONT_DOOR)
        self.assertEqual(json.loads(shown)["fresh"], 3)
        self.ask("looked", wanted=64)


class Families(Case):
    def test_families(self):
        groups = api.GroupsResponse(more=True, groups=[
            api.FeedGroup(household=HOUSEHOLD.bytes, name="Elm\nCourt", lead="early-help",
                          entries=9, fresh=2, urgent=1, latest_ms=T, latest=entry(9), snoozed=4,
                          snoozed_until_ms=T),
            api.FeedGroup(household=HOUSEHOLD.bytes, name="Ash", orphaned=True, entries=1),
            api.FeedGroup(entries=3, fresh=1)])
        agent, shown = self.ask("families", "--fresh", "--limit", "3", groups=groups)
        (asked,) = agent.asks("groups")
        self.assertEqual((asked.fresh, asked.limit), (True, 3))
        lines = shown.splitlines()
        self.assertEqual(lines[0].split(), ["HOUSEHOLD", "NAME", "LEAD", "NEW", "URGENT", "ENTRIES",
                                            "SNOOZED", "LATEST", "SUMMARY"])
        self.assertIn("Elm Court", lines[1])
        self.assertIn("early-help", lines[1])
        self.assertIn("4 until", lines[1])
        self.assertIn("NOBODY", lines[2])
        self.assertIn("(front door)", lines[3])
        self.assertEqual(lines[4], "There is more: --limit.")

    def test_no_families(self):
        _, shown = self.ask("families", groups=api.GroupsResponse())
        self.assertEqual(shown, "Nothing.\n")
        _, shown = self.ask("families", "--json", groups=api.GroupsResponse(
            groups=[api.FeedGroup(fresh=1)]))
        self.assertEqual(json.loads(shown)["fresh"], 1)
        self.ask("families", "--limit", "0", wanted=64)


class Snoozes(Case):
    def test_snooze(self):
        agent, shown = self.ask("snooze", "--household", HOUSEHOLD, "--kind", "event", "--topic",
                                "police.*", "--until", "8h", "--why", "w", snooze=snooze())
        (asked,) = agent.asks("snooze")
        self.assertEqual(asked.end, 0)
        self.assertEqual((asked.snooze.household, asked.snooze.kind, asked.snooze.topic,
                          asked.snooze.why, asked.snooze.until_ms),
                         (HOUSEHOLD.bytes, "event", "police.*", "w", T + 8 * 3600000))
        self.assertTrue(shown.startswith("Snooze 3 until "))
        self.assertIn("topic call-out", shown)

    def test_snooze_says_what_is_missing_or_wrong(self):
        self.ask("snooze", "--until", "8h", wanted=64)
        self.ask("snooze", "--why", "w", wanted=64)
        _, said = self.ask("snooze", "--why", "w", "--until", "2026-02-30", wanted=64)
        self.assertIn("--until", said)

    def test_snooze_end(self):
        agent, shown = self.ask("snooze", "end", "3", snooze=snooze(ended_ms=T))
        self.assertEqual(agent.asks("snooze")[0].end, 3)
        self.assertEqual(shown, "Ended; it hid 2.\n")
        for wrong in ("0", "-1", "x"):
            self.ask("snooze", "end", wrong, wanted=64)

    def test_snoozes(self):
        agent, shown = self.ask("snoozes", "--all", snoozes=api.SnoozesResponse(
            snoozes=[snooze(ended_ms=T, ended_by="manager")]))
        self.assertTrue(agent.asks("snoozes")[0].ended)
        self.assertIn("ended ", shown)
        self.assertIn(" by manager", shown)
        self.assertIn("visit tonight", shown)
        _, shown = self.ask("snoozes", snoozes=api.SnoozesResponse())
        self.assertEqual(shown, "Nothing is snoozed.\n")
        _, shown = self.ask("snoozes", "--json", snoozes=api.SnoozesResponse(snoozes=[snooze()]))
        self.assertEqual(json.loads(shown)["hid"], 2)


class Tellings(Case):
    def test_tellings(self):
        told = api.TellingsResponse(more=True, next_digest_ms=T, tellings=[
            api.Telling(seq=5, household=HOUSEHOLD.bytes, name="Elm", urgent=True, at_ms=T,
                        entries=6, reason="urgent", newest=[entry(9)]),
            api.Telling(seq=6, at_ms=T, entries=1, reason="digest")])
        agent, shown = self.ask("tellings", "--after", "4", "--limit", "2", tellings=told)
        (asked,) = agent.asks("tellings")
        self.assertEqual((asked.after, asked.limit), (4, 2))
        lines = shown.splitlines()
        self.assertIn("urgent", lines[1])
        self.assertIn("event 9", lines[1])
        self.assertIn("(front door)", lines[2])
        self.assertEqual(lines[3], "There is more: --after 6")
        self.assertTrue(lines[4].startswith("The next digest: "))

    def test_no_tellings(self):
        _, shown = self.ask("tellings", tellings=api.TellingsResponse())
        self.assertEqual(shown, "Nobody was told anything.\n")
        _, shown = self.ask("tellings", "--json", tellings=api.TellingsResponse(
            tellings=[api.Telling(seq=1)]))
        self.assertEqual(json.loads(shown)["seq"], 1)
        self.ask("tellings", "--limit", "0", wanted=64)


unittest.main(argv=sys.argv[:1])
