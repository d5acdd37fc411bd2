"""What the agencies do together in the year: a proposal that is followed, one referral from the
finding of a service to its outcome, an assessment, a plan, a fare, and an alert that is closed."""

from partnership import PartnershipError

LEAD = "early-help"  # the front door here, too
PROPOSED = "early-help-proposed"
SILENT = "health"  # has not answered yet when the demo ends
ASKED = ("police", "housing", "health", "youth-justice", "social-care")


class Work:
    """Scenes of the play; `play` says what is told, and holds the household."""

    def __init__(self, play):
        self.play, self.house = play, play.house
        self.referral = self.waiting = None

    def ask(self, agency, *words):
        return self.house.ask(agency, *words)

    def settled(self, agency, *words):
        done = self.ask(agency, *words)
        self.play.settle()
        return done

    # ---- who leads ---------------------------------------------------------------------------

    def propose(self):
        """The linked records alone pass the partnership's rule; people decide."""
        inbox = self.house.kith(LEAD, "inbox")
        proposed = [task for task in inbox if task["kind"] == PROPOSED]
        if len(proposed) != 1:
            raise PartnershipError(f"the tasks of {LEAD} are {inbox}")
        self.settled(LEAD, "household", "lead", self.play.household, LEAD,
                     "--role", "lead practitioner")
        left = [task for task in self.house.kith(LEAD, "inbox") if task["kind"] == PROPOSED]
        if left:
            raise PartnershipError(f"still proposed: {left}")
        self.play.say("       A rule of the partnership is passed, and proposes early help:\n"
                      "       "
                      f"{proposed[0]['reason']}.\n       A proposal, never a score. Early help "
                      "takes the lead, and the proposal ends.")

    # ---- a referral --------------------------------------------------------------------------

    def refer(self):
        """Found in the directory, accepted, and a second need that nobody takes up."""
        self.settled("health", "offer", "service", "school-nurse", "--name", "School nurse",
                     "--what", "Visits at home and at school", "--needs", "sleep,worry",
                     "--whom", "children of 4 to 16", "--where", "at school", "--places", "12",
                     "--free", "3")
        found = self.house.kith(LEAD, "find", "worry")
        if [one["agency"] for one in found] != ["health"]:
            raise PartnershipError(f"found {found}")
        self.referral = self.settled(
            LEAD, "refer", "--to", "health", "--household", self.play.household, "--urgency",
            "amber", "--need", "Her tummy hurts before school and nobody can say why",
            "--need-code", "worry", "--service", "school-nurse", "--basis", "public-task",
            "--agreed", "yes", "--family-told", "yes")["id"]
        self.waiting = self.settled(
            LEAD, "refer", "--to", "youth-justice", "--household", self.play.household,
            "--need", "He wants somebody to talk to who is not a teacher", "--need-code",
            "mentor", "--service", "mentoring", "--basis", "public-task", "--agreed", "yes",
            "--family-told", "yes")["id"]
        self.settled("health", "accept", self.referral, "--next-step", "First visit next Tuesday")
        self.expect(self.referral, "accepted")
        self.play.say("       `kith find worry` names the school nurse; early help refers the "
                      "younger child: accepted.\n       The older one's wish for a mentor goes to "
                      "youth justice, and waits.")

    def expect(self, referral, step):
        got = self.ask(LEAD, "show", referral)["referral"]["step"]
        if got != step:
            raise PartnershipError(f"the referral is {got}, not {step}")

    def underlap(self):
        """What nobody has accepted is told, without anybody asking."""
        load = self.ask(LEAD, "load", self.play.household)
        waits = [one for one in load["underlaps"] if one["need"] == "mentor"]
        if [one["what"] for one in waits] != ["need-not-accepted"]:
            raise PartnershipError(f"the underlaps are {load['underlaps']}")
        self.settled("youth-justice", "accept", self.waiting, "--next-step",
                     "A mentor rings on Friday")
        if any(one["need"] == "mentor" for one in
               self.ask(LEAD, "load", self.play.household)["underlaps"]):
            raise PartnershipError("an accepted need still counts as accepted by nobody")
        self.play.say("       The feed says that nobody has accepted the mentor for 14 days; youth "
                      "justice now does.")

    def close_referral(self):
        self.settled("health", "referral", "begin", self.referral, "--note", "She was seen twice")
        self.settled("health", "referral", "close", self.referral, "--outcome", "goals-reached",
                     "--need-met", "yes")
        self.expect(self.referral, "closed")
        self.play.say("       The school nurse's referral is closed: goals reached, and the family "
                      "says the need is met.")

    # ---- assessment, plan, small help --------------------------------------------------------

    def together(self):
        """One assessment to which three add, one plan, and a fare out of the joined-up pot."""
        household = self.play.household
        assessment = self.settled(LEAD, "assessment", "request", "--household", household,
                                  "--kind", "early-help", "--reason", "Many of us, no picture",
                                  "--ask", "police,housing,health")["id"]
        for agency, text in (("police", "Mostly Friday nights"),
                             ("housing", "The neighbours' wall is thin"),
                             ("health", "Nobody in the house sleeps")):
            self.ask(agency, "assessment", "contribute", assessment, "--text", text)
        self.play.settle()
        self.settled(LEAD, "assessment", "complete", assessment, "--summary",
                     "Nights, and who sleeps where", "--family-view", "We want to sleep through")
        self.settled(LEAD, "plan", "outcome", "add", household, "--text", "Everybody in bed by ten",
                     "--owner", LEAD, "--expects", "early-help.visit,early-help.meeting")
        self.settled(LEAD, "plan", "outcome", "add", household, "--text", "The rent is paid",
                     "--owner", "housing", "--expects", "housing.visit")
        fare = self.settled("youth-justice", "small-help", "ask", "--household", household,
                            "--what", "A bus pass to the garage", "--amount", "18.50")["id"]
        self.settled(LEAD, "small-help", "approve", fare)
        self.settled("youth-justice", "small-help", "spent", fare, "--amount", "16.20")
        pot = self.house.kith(LEAD, "pot")[0]
        if (pot["amount"], pot["balance"], pot["spent"]) != (500000, 500000 - 1620, 1620):
            raise PartnershipError(f"the pot is {pot}")
        self.play.say("       One assessment of three agencies' parts; one plan with two outcomes; "
                      "a bus pass of £16.20\n       out of the joined-up pot, which adds up.")

    def planned(self):
        """What came that the plan does not foresee is marked as such."""
        plan = self.ask(LEAD, "plan", "show", self.play.household)
        marked = [entry for entry in self.house.feed(LEAD, self.play.household)
                  if "unplanned" in entry["flags"]]
        if plan["unplanned"] == 0 or len(marked) != plan["unplanned"]:
            raise PartnershipError(f"{len(marked)} are marked, the plan says {plan['unplanned']}")
        self.play.say(f"\nThe plan did not foresee {plan['unplanned']} of what came since: each is "
                      "marked in the feed.")

    # ---- an alert ----------------------------------------------------------------------------

    def alert(self):
        """One alert to the five other agencies; four answer, one is silent and climbs its ladder;
        then it is closed."""
        alert = self.settled(LEAD, "alert", "--household", self.play.household, "--subject",
                             "Not at school since Monday", "--text", "Who has seen the older child "
                             "this week, and is anybody in touch with his father?",
                             "--reply-by", "4h")["id"]
        refused = self.house.try_kith(LEAD, "alert", "close", alert, "--outcome", "child-seen")
        if "blank" not in refused.stderr:
            raise PartnershipError(f"an alert with blank rows: {refused.stderr}")
        self.answer(alert)
        self.play.next_day()
        self.settled(LEAD, "alert", "close", alert, "--outcome", "child-seen", "--text",
                     "At his aunt's; school knows")
        board = self.ask(LEAD, "show", alert)["board"]
        self.play.say("\nOne alert to the five other agencies, \"Not at school since Monday\":")
        for row in board["rows"]:
            self.play.say(f"  {row['agency']:<14} {answer_of(row)}")
        silent = {row["agency"]: row["escalated_to"] for row in board["rows"]
                  if "answer" not in row}
        if len(board["rows"]) != len(ASKED) or list(silent) != [SILENT] or not silent[SILENT]:
            raise PartnershipError(f"the board is {board['rows']}")
        self.play.say(f"  {board['state']}: {board['outcome']}. No row is blank.")

    def answer(self, alert):
        """By all but one."""
        for agency, *answer in (
                ("police", "acting", "--text", "Officers look in today"),
                ("housing", "nothing-known"),
                ("youth-justice", "known-no-action", "--text", "Seen at the garage on Tuesday"),
                ("social-care", "cannot-share", "--reason", "under a court order")):
            self.house.kith(agency, "reply", alert, *answer)
        self.play.settle()

    def ask_again(self):
        """For whoever looks on after the demo: an alert that is open."""
        self.answer(self.settled(
            LEAD, "alert", "--household", self.play.household, "--subject",
            "Younger child not at the clinic", "--text", "She was expected yesterday. Has anybody "
            "seen her, and who can look in today?", "--reply-by", "4h")["id"])

    # ---- what it took ------------------------------------------------------------------------

    def load(self):
        self.play.say("\nWhat the year took of each agency, as the lead practitioner has it "
                      "(`kith load`):\n")
        shown = self.house.run("kith", "load", self.play.household, "--agent",
                               self.house.socket_of(LEAD)).stdout
        self.play.say("\n".join(f"  {line}" if line else "" for line in shown.splitlines()[1:]))


def answer_of(row):
    if "answer" not in row:
        return f"silent: told to {row['escalated_to']}"
    return row["answer"] + "".join(f": {row[key]}" for key in ("reason", "text") if row[key])
