"""What people read: screens of `kith`, its help, and the commands that need no agent.

Usage: test_cli_shows.py KITH PROTO_FOLDER CONFIG_FOLDER
"""

import json
import shutil
import stat
import subprocess
import sys
import unittest
import uuid
from pathlib import Path

import cli_agent

KITH, PROTO, CONFIG = sys.argv[1:4]
kith, api = cli_agent.load(PROTO)

NOTICE = uuid.UUID("01995f30-0000-7000-8000-00000000bbbb")
HOUSEHOLD = uuid.UUID("01995f30-0000-7000-8000-00000000aaaa")
T = 1774746000000  # 2026-03-29T01:00:00Z


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.desk = cli_agent.Desk(KITH, api)
        self.addCleanup(self.desk.close)

    def screen(self, *arguments, wanted=0, **answer):
        agent = self.desk.agent(lambda request: api.Response(status=api.STATUS_OK, **answer))
        ran = self.desk.run(*arguments, agent=agent)
        self.assertEqual(ran.returncode, wanted, ran.stderr.decode())
        return ran.stdout.decode()

    def plain(self, *arguments, wanted=0):
        ran = self.desk.run(*arguments)
        self.assertEqual(ran.returncode, wanted, ran.stderr.decode())
        return ran.stdout.decode(), ran.stderr.decode()


class Screens(Case):
    def test_show_an_event(self):
        notice = kith.Notice(
            id=NOTICE.bytes, origin="police", topic="police.call-out", household=HOUSEHOLD.bytes,
            created_ms=T, author="duty sergeant", exercise=True,
            event=kith.Event(
                kind="call-out", occurred_ms=T, minutes_spent=75, narrative="one\ntwo\033[2J",
                severity=kith.Severity(scale="police-grade", value="I"),
                about=[kith.About(ref=kith.Reference(system="rms", id="P-1"), role="child",
                                  shielded=True)],
                source=kith.Reference(system="rms", id="INC-1")))
        shown = self.screen("show", NOTICE, show=api.ShowResponse(
            notice=notice.SerializeToString(), mine=True, recipients=[
                api.RecipientState(agency="housing", state="delivered", since_ms=T),
                api.RecipientState(agency="health", state="refused", since_ms=T, clause="4.1",
                                   reason=kith.REASON_TOPIC_NOT_ALLOWED),
                api.RecipientState(agency="early-help", state="seen", since_ms=T,
                                   seen_by="A. Worker")],
            seen=[api.SeenBy(agency="early-help", person="A. Worker", seen_ms=T)]))
        self.assertEqual(shown, f"""{NOTICE}
topic        police.call-out
from         police, duty sergeant
household    {HOUSEHOLD}
made         2026-03-29 01:00 UTC
exercise     yes: nobody real is meant
kind         call-out
occurred     2026-03-29 01:00 UTC
about        rms/P-1  child  SHIELDED
severity     I (police-grade)
minutes      75
source       rms/INC-1
narrative    one
             two\N{REPLACEMENT CHARACTER}[2J

RECIPIENT   STATE      SINCE             WHY                            SEEN BY
housing     delivered  2026-03-29 01:00
health      refused    2026-03-29 01:00  topic-not-allowed, clause 4.1
early-help  seen       2026-03-29 01:00                                 A. Worker

seen         2026-03-29 01:00  A. Worker, early-help
""")

    def test_show_an_alert_names_the_silent(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="early-help", topic="alert",
                             alert=kith.Alert(subject="s", text="t", reply_by_ms=T))
        board = api.AlertBoard(rows=[
            api.AlertBoardRow(agency="police", answer=kith.ANSWER_ACTING, answered_ms=T,
                              text="on it", delivery=api.RecipientState(state="delivered")),
            api.AlertBoardRow(agency="health", overdue=True, seen_by="duty", escalated_to="manager",
                              rungs=[api.AlertRung(what="told", who="manager", at_ms=T)],
                              delivery=api.RecipientState(state="at the hub"))])
        response = api.ShowResponse(notice=notice.SerializeToString(), board=board)
        shown = self.screen("show", NOTICE, show=response)
        self.assertTrue(shown.endswith("""
AGENCY  DELIVERY    SEEN  ANSWER   AT                ESCALATED  REASON  TEXT
police  delivered         acting   2026-03-29 01:00                     on it
health  at the hub  duty  OVERDUE  -                 manager
2026-03-29 01:00  health: told, manager
No answer yet from health (overdue).
"""), shown)
        found = json.loads(self.screen("show", NOTICE, "--json", show=response))
        self.assertEqual(found["notice"]["alert"]["reply_by"], "2026-03-29T01:00:00Z")
        self.assertEqual([row.get("answer") for row in found["board"]["rows"]], ["acting", None])

    def test_show_an_alert_of_another_calls_nobody_silent(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="early-help", topic="alert",
                             alert=kith.Alert(subject="s", text="t", reply_by_ms=T))
        board = api.AlertBoard(**{"from": "early-help"}, state="open", rows=[
            api.AlertBoardRow(agency="health", untold=True),
            api.AlertBoardRow(agency="police", answer=kith.ANSWER_ACTING, answered_ms=T)])
        shown = self.screen("show", NOTICE, show=api.ShowResponse(
            notice=notice.SerializeToString(), board=board))
        self.assertIn("health                  not told here  -", shown)
        self.assertIn("The others answer to early-help: what is not told here is no silence.\n",
                      shown)
        self.assertNotIn("No answer", shown)

    def test_show_a_closed_alert_says_who_never_answered(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="early-help", topic="alert",
                             alert=kith.Alert(subject="s", text="t", reply_by_ms=T))
        board = api.AlertBoard(state="closed", ended_ms=T, rows=[
            api.AlertBoardRow(agency="health", overdue=True, escalated_to="duty")])
        shown = self.screen("show", NOTICE, show=api.ShowResponse(
            notice=notice.SerializeToString(), board=board))
        self.assertIn("No answer came from health (overdue).\n", shown)

    def test_show_an_alert_says_where_it_stands(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="early-help", topic="alert",
                             alert=kith.Alert(subject="s", text="t", reply_by_ms=T, level="concern",
                                              dedupe_key="missing/17"))
        board = api.AlertBoard(
            state="closed", ended_ms=T, outcome="child-seen", level="concern", subject="s",
            text="newer words", reply_by_ms=T, muted_by="child-protection",
            rows=[api.AlertBoardRow(agency="police", answer=kith.ANSWER_ACTING)],
            history=[api.AlertPast(id=NOTICE.bytes, step="raised", at_ms=T),
                     api.AlertPast(id=HOUSEHOLD.bytes, step="updated", at_ms=T, no_effect=True)],
            allowed=["alert cancel", "alert exercise"])
        shown = self.screen("show", NOTICE, show=api.ShowResponse(
            notice=notice.SerializeToString(), board=board))
        for line in ("level        concern", "dedupe key   missing/17", "state        closed",
                     "outcome      child-seen", "text now     newer words",
                     "muted by     a higher alert, child-protection: silence is not told",
                     "2026-03-29 01:00  00000000bbbb  raised",
                     "2026-03-29 01:00  00000000aaaa  updated  no effect",
                     "possible     kith alert cancel", "             kith alert exercise"):
            self.assertIn(line + "\n", shown)

    def test_show_each_kind_of_notice(self):
        ref = NOTICE.bytes
        kinds = {
            "referral": (kith.Referral(need="bed before midnight", to="early-help", earlier=ref,
                                       basis=kith.Basis(family_told="yes")),
                         ("bed before midnight", "family told")),
            "referral_answer": (kith.ReferralAnswer(referral=ref, step=kith.REFERRAL_DECLINED,
                                                    next_step="ask the hub"),
                                ("declined", "ask the hub")),
            "reply": (kith.Reply(alert=ref, answer=kith.ANSWER_CANNOT_SHARE, reason="order"),
                      ("cannot-share", "order")),
            "alert_change": (kith.AlertChange(alert=ref, step=kith.ALERT_CLOSED, text="at home",
                                              outcome="child-seen", reason="because"),
                             ("closed", "child-seen", "at home", "because")),
            "household_change": (kith.Household(
                name="Elm Court", members=[kith.Member(name="K", role="child", to_ms=1)],
                team=[kith.TeamSeat(agency="health")],
                lead=kith.Lead(agency="a", role="worker", reason="closer", read_first="the plan"),
                closing=kith.Closing(outcome="moved", not_asked="gone")),
                ("Elm Court", "K  child  (no longer)", "health", "a, worker", "closer", "the plan",
                 "moved", "gone")),
            "seen": (kith.Seen(notice=ref, person="A. Worker", seen_ms=T), ("A. Worker",)),
            "directory": (kith.Directory(subscriptions=[kith.Subscription(topic="concern")],
                                         phone="01632 960001"), ("concern", "01632 960001")),
        }
        kinds.update({
            "assessment": (kith.Assessment(step=kith.ASSESSMENT_CONTRIBUTED, assessment=ref,
                                           section="health", text="sleeps badly"),
                           ("contributed", "health", "sleeps badly")),
            "plan": (kith.Plan(review_ms=T, outcomes=[kith.PlanOutcome(
                id=ref, text="in bed by nine", owner="health", state=kith.OUTCOME_STATE_NOT_MET,
                reason="moved")]), ("2026-03-29 01:00", "in bed by nine", "not-met: moved")),
            "small_help": (kith.SmallHelp(step=kith.SMALL_HELP_ASKED, what="a fare", amount=1250,
                                          pot="joined-up"), ("asked", "a fare", "£12.50")),
        })
        for name, (body, words) in kinds.items():
            notice = kith.Notice(id=ref, origin="a", topic=name, **{name: body})
            shown = self.screen("show", NOTICE, show=api.ShowResponse(
                notice=notice.SerializeToString()))
            for word in words:
                self.assertIn(word, shown)
        newer = kith.Notice(id=ref, origin="a", topic="newer").SerializeToString() + b"\xfa\x0f\x00"
        self.assertIn("does not know yet", self.screen("show", NOTICE,
                                                       show=api.ShowResponse(notice=newer)))

    def test_show_a_referral_that_has_gone_some_way(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="a", topic="referral",
                             referral=kith.Referral())
        state = api.ReferralState(
            step="in-progress", rest_open=True, to="health", urgency="amber", scale="green",
            level="3", part="sleep clinic", due_ms=T, due_by="health", overdue=True,
            earlier=HOUSEHOLD.bytes, later=[NOTICE.bytes], allowed=["accept", "decline"],
            history=[api.ReferralPast(agency="health", step="partly-accepted", at_ms=T),
                     api.ReferralPast(agency="a", step="information", at_ms=T, no_effect=True)])
        shown = self.screen("show", NOTICE, show=api.ShowResponse(
            notice=notice.SerializeToString(), referral=state))
        for line in ("step         in-progress, the rest is still open",
                     "part         sleep clinic", "urgency      amber (health says green)",
                     "level        3", f"earlier      {HOUSEHOLD}", f"later        {NOTICE}",
                     "2026-03-29 01:00  health  partly-accepted",
                     "2026-03-29 01:00  a       information      no effect",
                     "possible     kith accept", "             kith decline"):
            self.assertIn(line + "\n", shown)
        self.assertIn(", by health  OVERDUE\n", shown)

    def test_assessments(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="police", topic="assessment",
                             assessment=kith.Assessment(step=kith.ASSESSMENT_REQUESTED))
        part = api.AssessmentPart(id=HOUSEHOLD.bytes, agency="health", section="needs", at_ms=T)
        state = api.AssessmentState(
            id=NOTICE.bytes, household=HOUSEHOLD.bytes, **{"from": "police"}, kind="early-help",
            reason="three call-outs", state="open", requested_ms=T, due_ms=T, overdue=True,
            asked=["health", "housing"], silent=["housing"], allowed=["assessment contribute"],
            parts=[api.AssessmentPart(id=NOTICE.bytes, agency="health", section="strengths",
                                      text="a grandmother", family_view="we sleep", at_ms=T),
                   part],
            history=[api.ReferralPast(id=NOTICE.bytes, agency="health", step="contributed",
                                      at_ms=T)])
        answer = api.ShowResponse(notice=notice.SerializeToString(), assessment=state)
        shown = self.screen("assessment", "show", NOTICE, show=answer)
        for line in ("state        open  OVERDUE", "asks         health, housing",
                     "silent       housing", "says         a grandmother",
                     "family       we sleep", f"says         kith show {HOUSEHOLD}",
                     "possible     kith assessment contribute"):
            self.assertIn(line + "\n", shown)
        self.assertIn("health: strengths, 2026-03-29 01:00  (00000000bbbb)\n", shown)
        whole, _, rest = shown.partition("\n")
        self.assertEqual(whole, str(NOTICE))
        self.assertIn("\n\n" + rest, self.screen("show", NOTICE, show=answer))
        found = json.loads(self.screen("assessment", "show", NOTICE, "--json", show=answer))
        self.assertEqual((found["state"], len(found["parts"])), ("open", 2))

    def test_plans(self):
        plan = api.PlanView(
            household=HOUSEHOLD.bytes, review_ms=T, review_overdue=True, changed_ms=T, unplanned=3,
            family_view="leave us in peace", outcomes=[kith.PlanOutcome(
                id=NOTICE.bytes, text="in bed by nine", owner="health", by_ms=T,
                state=kith.OUTCOME_STATE_OPEN, expects=["police.*", "housing.visit"])])
        shown = self.screen("plan", "show", HOUSEHOLD, plan=plan)
        for word in ("  OVERDUE\n", "unplanned    3 events since it began\n",
                     "family       leave us in peace\n",
                     "00000000bbbb  health  open   2026-03-29 01:00  in bed by nine  "
                     "police.*, housing.visit\n"):
            self.assertIn(word, shown)
        found = json.loads(self.screen("plan", "show", HOUSEHOLD, "--json", plan=plan))
        self.assertEqual((found["unplanned"], found["outcomes"][0]["state"]), (3, "open"))

    def test_small_help_and_pots(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="police", topic="small-help",
                             small_help=kith.SmallHelp(step=kith.SMALL_HELP_ASKED))
        state = api.SmallHelpState(
            id=NOTICE.bytes, household=HOUSEHOLD.bytes, **{"from": "police"}, pot="joined-up",
            holder="early-help", what="a fare", asked=1850, approved=1850, state="approved",
            since_ms=T, allowed=["small-help spent"])
        shown = self.screen("small-help", "show", NOTICE, show=api.ShowResponse(
            notice=notice.SerializeToString(), small_help=state))
        self.assertTrue(shown.startswith(f"{NOTICE}\nstate        approved"), shown)
        for line in ("asked by     police", "pot          joined-up, of early-help",
                     "approved     £18.50", "possible     kith small-help spent"):
            self.assertIn(line + "\n", shown)
        self.assertNotIn("spent        £", shown)
        pots = api.PotResponse(pots=[api.PotState(
            pot="joined-up", name="The pot", holder="early-help", amount=500000, balance=498150,
            set_aside=1850, open=[state])])
        shown = self.screen("pot", pot=pots)
        self.assertIn("joined-up  The pot  early-help  5000.00  4981.50  18.50      0.00   -\n",
                      shown)
        self.assertIn("approved  2026-03-29 01:00  police    joined-up  18.50   a fare\n", shown)
        self.assertEqual(json.loads(self.screen("pot", "--json", pot=pots))["balance"], 498150)
        self.assertIn("no pot", self.screen("pot", pot=api.PotResponse()))

    def test_show_a_disagreement(self):
        notice = kith.Notice(id=NOTICE.bytes, origin="police", topic="disagreement",
                             disagreement=kith.Disagreement(decision=HOUSEHOLD.bytes,
                                                            step=kith.DISAGREEMENT_RAISED,
                                                            text="not soon enough"))
        state = api.DisagreementState(
            state="unanswered", stage=2, role="head-of-service", due_ms=T, overdue=True,
            text="not soon enough", allowed=["disagreement resolve"],
            history=[api.ReferralPast(agency="police", step="raised", at_ms=T)],
            **{"from": "police", "with": "health"})
        shown = self.screen("show", NOTICE, show=api.ShowResponse(
            notice=notice.SerializeToString(), disagreement=state))
        for line in ("step         raised", "state        unanswered, stage 2: head-of-service",
                     f"decision     {HOUSEHOLD}", "last said    not soon enough",
                     "2026-03-29 01:00  police  raised",
                     "possible     kith disagreement resolve"):
            self.assertIn(line + "\n", shown)
        self.assertIn(", by health  OVERDUE\n", shown)

    def test_feed_and_inbox(self):
        entry = api.FeedEntry(seq=9, id=NOTICE.bytes, origin="police", topic="police.arrest",
                              household=HOUSEHOLD.bytes, occurred_ms=T, summary="arrest\033[31m",
                              flags=["late", "urgent"])
        feed = api.FeedResponse(entries=[entry], cursor=9, more=False, silent=[
            api.AgencySilence(agency="health", silent_since_ms=T)])
        self.assertEqual(self.screen("feed", "--after", 0, feed=feed), (
            "ID            OCCURRED          FROM    KIND           HOUSEHOLD     SUMMARY      "
            "FLAGS\n"
            "00000000bbbb  2026-03-29 01:00  police  police.arrest  00000000aaaa  "
            "arrest\N{REPLACEMENT CHARACTER}[31m  late urgent\n"
            "Agents that are silent: health (since 2026-03-29 01:00)\n"))
        inbox = api.InboxResponse(tasks=[api.Task(
            seq=3, kind="alert-to-answer", notice_id=NOTICE.bytes, agency="early-help", since_ms=T,
            due_ms=T + 7200000, summary="one line")], more=True)
        self.assertEqual(self.screen("inbox", inbox=inbox), (
            "NOTICE        TASK             CONCERNS    SINCE             DUE               "
            "SUMMARY   REASON\n"
            "00000000bbbb  alert-to-answer  early-help  2026-03-29 01:00  2026-03-29 03:00  "
            "one line\nThere is more: --after 3\n"))
        found = json.loads(self.screen("inbox", "--json", inbox=inbox))
        self.assertEqual((found["notice_id"], found["due"]), (str(NOTICE), "2026-03-29T03:00:00Z"))

    def test_households(self):
        ref = NOTICE.bytes
        view = api.HouseholdView(
            id=HOUSEHOLD.bytes, name="Elm Court", opened_by="police", opened_ms=T, reason="r",
            members=[kith.Member(name="K", role="child", shielded=True),
                     kith.Member(id=ref, name="Aunt", role="carer", from_ms=T, beyond=True,
                                 trusted_with="the school run",
                                 roles=[kith.MemberRole(role="kin", from_ms=T - 86400000),
                                        kith.MemberRole(role="carer", from_ms=T)])],
            team=[kith.TeamSeat(agency="health"), kith.TeamSeat(agency="housing", to_ms=T)],
            lead=kith.Lead(agency="early-help", role="worker", from_ms=T, read_first="the plan"),
            closing=kith.Closing(outcome="moved", not_asked="moved away", at_ms=T),
            orphaned=True, lead_wanted="closed",
            tasks=[api.Task(notice_id=ref, kind="lead-wanted", reason="closed")],
            unacknowledged=[api.FeedEntry(id=ref, origin="police", kind="event", summary="s")],
            links=[api.Link(ref=kith.Reference(system="crm", id="T-1"), by="duty", at_ms=T,
                            why="same tenancy"),
                   api.Link(ref=kith.Reference(system="crm", id="T-2"), by="duty", at_ms=T,
                            undone_by="manager", undone_ms=T, undone_why="wrong flat")],
            notices=4, plan=NOTICE.bytes, assessment=NOTICE.bytes)
        found = api.HouseholdResponse(households=[view])
        self.assertEqual(self.screen("household", "list", household=found), (
            "ID            NAME       OPENED            LEAD                TEAM    NOTICES\n"
            "00000000aaaa  Elm Court  2026-03-29 01:00  early-help, wanted  health  4\n"))
        shown = self.screen("household", "show", "00000000aaaa", household=found)
        for line in ("member     K, child  SHIELDED", "team       housing  to 2026-03-29 01:00",
                     "beyond     Aunt, carer  trusted with the school run  (00000000bbbb)  "
                     "from 2026-03-29 01:00",
                     "           was kin  from 2026-03-28 01:00  to 2026-03-29 01:00",
                     "lead       early-help, worker  from 2026-03-29 01:00  WANTED: closed",
                     "read first the plan",
                     "CLOSED     2026-03-29 01:00: moved, need met: not asked, moved away",
                     "open task  00000000bbbb lead-wanted  closed",
                     "not seen   00000000bbbb police event  s",
                     "our record crm/T-1  by duty, 2026-03-29 01:00: same tenancy",
                     "our record crm/T-2  by duty, 2026-03-29 01:00  UNDONE by manager, "
                     "2026-03-29 01:00: wrong flat",
                     f"plan       kith plan show {HOUSEHOLD}",
                     f"assessment kith assessment show {NOTICE}"):
            self.assertIn(line + "\n", shown)
        self.screen("household", "show", HOUSEHOLD, wanted=66,
                    household=api.HouseholdResponse())
        self.assertEqual(self.screen("household", "list", household=api.HouseholdResponse()),
                         "No household is known here.\n")

    def test_find(self):
        found = api.FindResponse(more=True, found=[
            api.Found(agency="health", may_refer=True, phone="01632 960004", service=kith.Service(
                id="clinic", name="Clinic", what="sleep", whom="babies", not_whom="adults",
                where="Elm Court", hours="Mondays", counted=True, places=8, free=3,
                checked_ms=T)),
            api.Found(agency="school", full=True, stale=True, service=kith.Service(
                id="club", name="Club", what="noise", counted=True, places=8, checked_ms=T)),
            api.Found(agency="police", phone="01632 960001", knows=kith.Knows(
                subject="county lines", role="exploitation lead"))])
        shown = [line.split() for line in self.screen("find", "sleep", find=found).splitlines()]
        self.assertEqual(shown[1], "health clinic Clinic: sleep babies adults Elm Court Mondays "
                                   "3 of 8 2026-03-29 01:00 01632 960004 yes".split())
        self.assertEqual(shown[2], "school club Club: noise FULL 2026-03-29 01:00 STALE no".split())
        self.assertEqual(shown[3], "police knows about county lines: ask the exploitation lead, "
                                   "01632 960001".split())
        self.assertEqual(shown[4][:3], ["There", "is", "more:"])

    def test_status_is_one_screen(self):
        answer = api.StatusResponse(
            agency="police", name="Exampleshire Police", partnership="exampletown",
            partnership_version=3, epoch=1, boot=7, exercise=True, now_ms=T, tasks_open=2,
            feed_entries=30, quarantined_here=1, read_only=True,
            brokers=[api.BrokerState(id="hub-a", endpoint="tcp://127.0.0.1:1", state="well",
                                     publishing=True, since_ms=T, partnership_version=2)],
            owed=[api.Owed(agency="housing", stored_here=3, at_the_hub=1, oldest_ms=T - 7200000,
                           delivered=12), api.Owed(agency="health", connected=True, delivered=9)])
        self.assertEqual(self.screen("status", agent=answer), """\
Exampleshire Police (police), partnership exampletown version 3, EXERCISE
its clock says 2026-03-29 01:00 UTC; epoch 1, start 7

HUB    STATE  SINCE             ENDPOINT
hub-a  well   2026-03-29 01:00  tcp://127.0.0.1:1  publishing to it, has partnership version 2

TO       STORED HERE  AT THE HUB  OLDEST  EXPIRED  DELIVERED  SEEN  REFUSED  QUARANTINED  AGENT
housing  3            1           2 h     -        12         -     -        -            silent
health   -            -           -       -        9          -     -        -            connected

2 wait for a person (kith inbox), 0 at the front door (kith feed --front-door), 30 in the feed
1 received could not be opened or applied: kept whole
THE DISK IS FULL: nothing new but urgent notices is taken
""")
        answer.brokers[0].state = "dialling"
        self.assertIn("unknown: no hub\n", self.screen("status", agent=answer))


class Alone(Case):
    def test_every_command_explains_itself(self):
        listed, _ = self.plain("help")
        names = [line[2:25].strip() for line in listed.splitlines() if line.startswith("  ")]
        self.assertGreater(len(names), 30)
        for name in names:
            said, _ = self.plain(*name.split(), "--help")
            for part in (f"kith {name}", "--json", "Example:", "Exit status: 0 done, 64"):
                self.assertIn(part, said)
            self.assertEqual(said, self.plain("help", *name.split())[0])
            for line in said.splitlines():
                self.assertLessEqual(len(line), 110, line)
        self.assertIn("household open", self.plain("help", "household")[0])
        self.plain("help", "frobnicate", wanted=64)
        _, said = self.plain("household", "frobnicate", wanted=64)
        self.assertIn("there is no command household frobnicate: see kith help household", said)
        self.assertEqual(self.plain("--version"), self.plain("version"))

    def test_wrong_command_lines(self):
        for line in ([], ["frobnicate"], ["household"], ["show"], ["show", "a", "b"],
                     ["feed", "--frob"], ["alert"], ["feed", "--timeout", "soon"],
                     ["seen", "x", "--token", ""], ["seen", "x", "--token", "t" * 65]):
            _, said = self.plain(*line, wanted=64)
            self.assertLessEqual(len(said.splitlines()), 1)
        _, said = self.plain("alert", "--json", wanted=64)
        self.assertEqual(json.loads(said), {"error": "--household is required"})

    def test_version(self):
        said, _ = self.plain("version")
        self.assertRegex(said, r"^kith \d+\.\d+\.\d+\n$")
        self.assertIn("version", json.loads(self.plain("version", "--json")[0]))

    def test_keys(self):
        folder = self.desk.path("keys")
        said, _ = self.plain("keys", "new", folder)
        self.assertEqual(said.count('state = "current"'), 3)
        self.assertEqual(self.plain("keys", "show", folder)[0], said)
        found = json.loads(self.plain("keys", "show", folder, "--json")[0])
        public = dict(line.split() for line in Path(folder, "public.txt").read_text().splitlines())
        self.assertEqual(found, public)
        secret = Path(folder, "sealing.key")
        self.assertEqual(stat.S_IMODE(secret.stat().st_mode), 0o600)
        self.assertNotIn(secret.read_text().strip(), said)
        self.plain("keys", "new", folder, wanted=65)
        self.plain("keys", "new", "--broker", self.desk.path("hub"))
        self.assertFalse(Path(self.desk.path("hub"), "sealing.key").exists())
        self.plain("keys", "show", self.desk.path("none"), wanted=66)
        self.plain("keys", "new", self.desk.path("none/deeper"), wanted=66)
        secret.chmod(0o644)
        self.plain("keys", "show", folder, wanted=77)
        secret.chmod(0o600)
        secret.write_text("x\n")
        self.plain("keys", "show", folder, wanted=65)

    def test_config_check(self):
        said, _ = self.plain("config", "check", f"{CONFIG}/maps/demo-police.cfg")
        self.assertIn("map of CSV", said)
        cases = (("x = 1;", ":1: no file of Kith's"), ("fields = {", "78.cfg:"),
                 ('format = "csv";', "78.cfg:"), ("partnership = { };", "78.cfg:"))
        for text, says in cases:
            path = self.desk.write("78.cfg", text + "\n")
            _, errors = self.plain("config", "check", path, wanted=78)
            self.assertIn(says, errors)
            self.assertEqual(len(errors.splitlines()), 1)
        self.plain("config", "check", self.desk.path("none.cfg"), wanted=78)

    def test_config_check_asks_the_program_that_reads_the_file(self):
        path = self.desk.write("hub.cfg", 'broker = "hub-a";\n')
        broker = Path(self.desk.write("kith-broker", '#!/bin/sh\necho "$@" >&2\nexit 78\n'))
        broker.chmod(0o755)
        alone = broker.with_name("alone")
        alone.mkdir()
        asked = (78, f"-c {path} --check-config\n")
        for folder, search, wanted in ((broker.parent, "/nonexistent", asked),
                                       (alone, f"{broker.parent}:/usr/bin:/bin", asked),
                                       (alone, "/nonexistent", (66, None))):
            kith_here = shutil.copy(KITH, folder)
            ran = subprocess.run([kith_here, "config", "check", path], capture_output=True,
                                 env={"PATH": search}, text=True, check=False)
            self.assertEqual(ran.returncode, wanted[0], ran.stderr)
            self.assertIn(wanted[1] or "kith-broker is neither", ran.stderr)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            ran = subprocess.run([KITH, "help"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(ran.returncode, 74)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
