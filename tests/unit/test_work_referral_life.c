/* A referral's states: each step in each state, as docs/STATES.md draws them; what a step must say;
 * and steps that cross on the wire, after which both ends are the same. */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

#define STEP(name) KITH__REFERRAL_STEP__REFERRAL_##name

/* With all that any step must say. */
static Kith__Api__Draft *draft_of(world_t *w, const Kith__Notice *referral, Kith__ReferralStep step)
{
    Kith__Api__Draft *draft = world_answer(w, referral, step);
    Kith__ReferralAnswer *answer = draft->referral_answer;
    answer->note = NAME("Who is at home in the mornings?");
    answer->part = NAME("the sleep clinic");
    answer->redirected_to = NAME("housing");
    answer->level = NAME("3");
    answer->outcome = NAME("goals-reached");
    answer->need_met = NAME("yes");
    return draft;
}

static const char *by(Kith__ReferralStep step)
{
    return referral_step_is_referrers(step) ? "police" : "health";
}

static void take(world_t *w, const Kith__Notice *referral, Kith__ReferralStep step)
{
    world_say(w, by(step), draft_of(w, referral, step));
}

/* Steps that lead to each phase, in the order of the phases. */
static const Kith__ReferralStep ways[][3] = {
    {0},
    {STEP(NEEDS_INFORMATION)},
    {STEP(PARTLY_ACCEPTED)},
    {STEP(ACCEPTED)},
    {STEP(ACCEPTED), STEP(IN_PROGRESS)},
    {STEP(PARTLY_ACCEPTED), STEP(IN_PROGRESS)},
    {STEP(DECLINED)},
    {STEP(REDIRECTED)},
    {STEP(WITHDRAWN)},
    {STEP(ACCEPTED), STEP(CLOSED)},
};
#define PHASES (sizeof ways / sizeof *ways)

static Kith__Notice *referral_in(world_t *w, size_t phase)
{
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    for (size_t i = 0; i < 3 && ways[phase][i] != 0; i++) {
        take(w, referral, ways[phase][i]);
    }
    return referral;
}

static const char *phase_word(world_t *w, int phase)
{
    return phase == REFERRAL_PHASE_NONE
               ? "–"
               : word_of(w->arena, &kith__store__referral_phase__descriptor, "PHASE_", phase);
}

static void assert_state(world_t *w, const Kith__Notice *referral, int phase)
{
    static const char *const ends[] = {"police", "health"};
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__ReferralState *state = world_state(w, ends[i], referral);
        bool working = phase == KITH__STORE__REFERRAL_PHASE__PHASE_IN_PROGRESS_REST_OPEN;
        const char *word = phase == 0 ? (i == 0 ? "sent" : "received")
                           : working  ? "in-progress"
                                      : phase_word(w, phase);
        assert_string_equal(state->step, word);
        assert_int_equal(state->rest_open, referral_rest_open(phase));
    }
}

static void each_step_in_each_state_leads_where_the_table_says(void **state)
{
    world_t *w = *state;
    for (size_t phase = 0; phase < PHASES; phase++) {
        for (int step = STEP(ACCEPTED); step <= STEP(CLOSED); step++) {
            Kith__Notice *referral = referral_in(w, phase);
            assert_state(w, referral, (int)phase);
            int next =
                referral_next((Kith__ReferralStep)step,
                              referral_step_is_referrers((Kith__ReferralStep)step), (int)phase);
            Kith__Api__Draft *draft = draft_of(w, referral, (Kith__ReferralStep)step);
            if (next == REFERRAL_PHASE_NONE) {
                world_refused(w, by((Kith__ReferralStep)step), draft, KITH_CONFLICT,
                              "referral-step");
                bool is_final = phase > KITH__STORE__REFERRAL_PHASE__PHASE_IN_PROGRESS_REST_OPEN;
                assert_non_null(strstr(w->refusal.what, is_final ? "which is final" : "possible"));
            } else {
                world_say(w, by((Kith__ReferralStep)step), draft);
                assert_state(w, referral, next);
            }
        }
    }
}

static void a_step_of_the_other_end_is_refused(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    for (int step = STEP(ACCEPTED); step <= STEP(CLOSED); step++) {
        const char *other =
            referral_step_is_referrers((Kith__ReferralStep)step) ? "health" : "police";
        world_refused(w, other, draft_of(w, referral, (Kith__ReferralStep)step), KITH_DENIED,
                      "referral-not-yours");
    }
}

/* ---- the docs ---- */

static void the_docs_draw_the_table_of_the_code(void **state)
{
    world_t *w = *state;
    const char *page = world_page(w, KITH_STATES);
    const char *line = "| step | by |";
    for (int phase = 0; phase < 6; phase++) {
        line = kith_arena_printf(w->arena, "%s %s |", line, phase_word(w, phase));
    }
    assert_non_null(strstr(page, line));
    for (int step = STEP(ACCEPTED); step <= STEP(CLOSED); step++) {
        bool referrers = referral_step_is_referrers((Kith__ReferralStep)step);
        line = kith_arena_printf(
            w->arena, "| %s | %s |",
            word_of(w->arena, &kith__referral_step__descriptor, "REFERRAL_", step),
            referrers ? "referrer" : "receiver");
        for (int phase = 0; phase < 6; phase++) {
            line = kith_arena_printf(
                w->arena, "%s %s |", line,
                phase_word(w, referral_next((Kith__ReferralStep)step, referrers, phase)));
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

/* ---- what a step must say ---- */

static void a_step_says_what_it_must(void **state)
{
    world_t *w = *state;
    Kith__Notice *sent = world_say(w, "police", world_referral(w, "health"));
    Kith__Notice *accepted = referral_in(w, 3);
#define WITHOUT(referral, step, field, rule)                                                       \
    do {                                                                                           \
        Kith__Api__Draft *draft = draft_of(w, referral, STEP(step));                               \
        draft->referral_answer->field = NAME("");                                                  \
        world_refused(w, by(STEP(step)), draft, KITH_INVALID, rule);                               \
    } while (0)
    WITHOUT(sent, NEEDS_INFORMATION, note, "answer-note");
    WITHOUT(sent, INFORMATION, note, "answer-note");
    WITHOUT(sent, PARTLY_ACCEPTED, part, "partly-part");
    WITHOUT(sent, REDIRECTED, redirected_to, "redirect-to");
    WITHOUT(sent, WITHDRAWN, reason_code, "withdraw-reason");
    WITHOUT(accepted, STEPPED_UP, level, "step-level");
    WITHOUT(accepted, STEPPED_DOWN, level, "step-level");
    WITHOUT(accepted, CLOSED, outcome, "close-outcome");
    WITHOUT(accepted, CLOSED, need_met, "close-need");
}

static void codes_are_codes_and_agencies_are_members(void **state)
{
    world_t *w = *state;
    Kith__Notice *sent = world_say(w, "police", world_referral(w, "health"));
    Kith__Api__Draft *draft = draft_of(w, sent, STEP(DECLINED));
    draft->referral_answer->reason_code = NAME("We do not cover that area");
    world_refused(w, "health", draft, KITH_INVALID, "reason-code");
    static const char *const nobody[] = {"health", "charity", "nobody"};
    for (size_t i = 0; i < 3; i++) {
        draft = draft_of(w, sent, STEP(REDIRECTED));
        draft->referral_answer->redirected_to = NAME(nobody[i]);
        world_refused(w, "health", draft, KITH_INVALID, "redirect-to");
    }
}

static void the_family_says_whether_the_need_is_met_or_why_they_were_not_asked(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = referral_in(w, 4);
    Kith__Api__Draft *draft = draft_of(w, referral, STEP(CLOSED));
    draft->referral_answer->need_met = NAME("perhaps");
    world_refused(w, "health", draft, KITH_INVALID, "close-need");
    draft->referral_answer->need_met = NAME("yes");
    draft->referral_answer->not_asked = NAME("moved away");
    world_refused(w, "health", draft, KITH_INVALID, "close-need");
    draft->referral_answer->need_met = NAME("");
    world_say(w, "health", draft);
    Kith__Api__ReferralState *seen = world_state(w, "police", referral);
    assert_string_equal(seen->step, "closed");
    assert_string_equal(seen->outcome, "goals-reached");
    assert_string_equal(seen->not_asked, "moved away");
    assert_string_equal(seen->need_met, "");
    assert_string_equal(world_tasks(w, "health"), "");
}

/* ---- the rest, the two scales, the earlier one ---- */

static void the_rest_of_a_partly_accepted_referral_waits_until_it_is_decided(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = referral_in(w, 2);
    assert_string_equal(world_tasks(w, "health"),
                        "referral-to-decide police; referral-to-begin police");
    take(w, referral, STEP(IN_PROGRESS));
    assert_string_equal(world_tasks(w, "health"), "referral-to-decide police");
    world_refused(w, "health", draft_of(w, referral, STEP(CLOSED)), KITH_CONFLICT, "referral-step");
    take(w, referral, STEP(DECLINED));
    assert_string_equal(world_tasks(w, "health"), "");
    Kith__Api__ReferralState *seen = world_state(w, "police", referral);
    assert_string_equal(seen->step, "in-progress");
    assert_string_equal(seen->part, "the sleep clinic");
    assert_string_equal(seen->reason_code, "out-of-area");
    assert_false(seen->rest_open);
}

static void the_two_scales_stand_side_by_side(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Api__Draft *draft = draft_of(w, referral, STEP(ACCEPTED));
    draft->referral_answer->scale = NAME("green");
    world_say(w, "health", draft);
    take(w, referral, STEP(STEPPED_UP));
    Kith__Api__ReferralState *seen = world_state(w, "police", referral);
    assert_string_equal(seen->urgency, "amber");
    assert_string_equal(seen->scale, "green");
    assert_string_equal(seen->level, "3");
}

static void a_referral_is_linked_to_the_earlier_one(void **state)
{
    world_t *w = *state;
    Kith__Notice *first = referral_in(w, 6);
    Kith__Api__Draft *draft = world_referral(w, "housing");
    draft->referral->earlier = first->id;
    Kith__Notice *second = world_say(w, "police", draft);
    assert_memory_equal(world_state(w, "housing", second)->earlier.data, first->id.data, 16);
    Kith__Api__ReferralState *seen = world_state(w, "police", first);
    assert_int_equal(seen->n_later, 1);
    assert_memory_equal(seen->later[0].data, second->id.data, 16);
    assert_int_equal(world_state(w, "health", first)->n_later, 0); /* it was not sent there */
    draft = world_referral(w, "housing");
    draft->referral->earlier = (ProtobufCBinaryData){16, (uint8_t[16]){7}};
    world_refused(w, "police", draft, KITH_NOT_FOUND, "earlier-unknown");
}

static void what_is_possible_is_said(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Api__ReferralState *seen = world_state(w, "police", referral);
    assert_int_equal(seen->n_allowed, 2);
    assert_string_equal(seen->allowed[0], "referral inform");
    assert_string_equal(seen->allowed[1], "referral withdraw");
    assert_int_equal(world_state(w, "health", referral)->n_allowed, 5);
    world_refused(w, "health", draft_of(w, referral, STEP(CLOSED)), KITH_CONFLICT, "referral-step");
    assert_string_equal(w->refusal.what,
                        "it is sent; possible now: kith accept, kith accept --part, kith decline, "
                        "kith referral redirect, kith referral ask");
}

static void a_step_may_be_given_until_there_are_too_many(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = referral_in(w, 3);
    for (int i = 0; i < 59; i++) {
        take(w, referral, i % 2 == 0 ? STEP(STEPPED_UP) : STEP(STEPPED_DOWN));
    }
    world_refused(w, "health", draft_of(w, referral, STEP(STEPPED_UP)), KITH_CONFLICT,
                  "referral-steps");
    take(w, referral, STEP(CLOSED));
    assert_string_equal(world_state(w, "police", referral)->step, "closed");
}

/* ---- older agents ---- */

static void an_answer_that_an_older_agent_stored_stands(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    work_ctx_t at = {.work = &world_node(w, "police")->work, .arena = w->arena};
    at.txn = world_begin(w, "police");
    Kith__Store__ReferralRow *row = NULL;
    assert_int_equal(view_find_referral(&at, bytes_of(referral->id), &row), KITH_OK);
    row->step = STEP(ACCEPTED);
    row->note = NAME("First visit on Tuesday");
    row->answered_ms = w->now_ms;
    assert_int_equal(view_put_referral(&at, bytes_of(referral->id), row), KITH_OK);
    world_commit(w, "police");
    assert_string_equal(world_state(w, "police", referral)->step, "accepted");
    world_submit(w, "health", draft_of(w, referral, STEP(ACCEPTED))); /* there it is so, too */
    take(w, referral, STEP(IN_PROGRESS));
    assert_state(w, referral, 4);
}

/* ---- steps that cross ---- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void assert_same_history(world_t *w, const Kith__Notice *referral, uint64_t seed)
{
    Kith__Api__ReferralState *a = world_state(w, "police", referral);
    Kith__Api__ReferralState *b = world_state(w, "health", referral);
    bool same = a->n_history == b->n_history && a->rest_open == b->rest_open &&
                a->due_ms == b->due_ms && strcmp(a->note, b->note) == 0 &&
                (strcmp(a->step, b->step) == 0 || strcmp(b->step, "received") == 0);
    for (size_t i = 0; same && i < a->n_history; i++) {
        same = same_id(a->history[i]->id, b->history[i]->id) &&
               a->history[i]->no_effect == b->history[i]->no_effect;
    }
    if (!same) {
        fail_msg("seed %llu: police has %s, health has %s", (unsigned long long)seed, a->step,
                 b->step);
    }
}

/* One end says what its own view allows; what it said waits until the other end takes it. */
static void cross(world_t *w, uint64_t seed)
{
    static const char *const ends[] = {"police", "health"};
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Notice *said[2][16];
    size_t count[2] = {0}, taken[2] = {0};
    uint64_t random = seed;
    for (int i = 0; i < 24; i++) {
        size_t end = next_random(&random) % 2;
        Kith__ReferralStep step = (Kith__ReferralStep)(1 + next_random(&random) % STEP(CLOSED));
        w->now_ms += (int64_t)(next_random(&random) % 7200000) - 3600000; /* clocks that disagree */
        if (next_random(&random) % 3 == 0) {
            size_t other = 1 - end;
            if (taken[other] < count[other]) {
                world_deliver(w, ends[end], said[other][taken[other]++]);
            }
        } else if (count[end] < 16 &&
                   world_prepare(w, ends[end], draft_of(w, referral, step)) == KITH_OK) {
            said[end][count[end]++] = world_submit(w, ends[end], draft_of(w, referral, step));
        }
    }
    for (size_t end = 0; end < 2; end++) {
        while (taken[end] < count[end]) {
            world_deliver(w, ends[1 - end], said[end][taken[end]++]);
        }
    }
    assert_same_history(w, referral, seed);
}

static void steps_that_cross_on_the_wire_end_the_same_at_both_ends(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        world_t *w = world_new();
        cross(w, seed * 0x9e3779b97f4a7c15u);
        world_destroy(w);
    }
}

static void withdrawing_and_declining_cross_and_the_earlier_stands(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Notice *withdrawn = world_submit(w, "police", draft_of(w, referral, STEP(WITHDRAWN)));
    Kith__Notice *declined = world_submit(w, "health", draft_of(w, referral, STEP(DECLINED)));
    world_deliver(w, "police", declined);
    assert_true(world_flag(world_last(w, "police"), "not-asked"));
    world_deliver(w, "health", withdrawn);
    assert_string_equal(world_state(w, "police", referral)->step, "withdrawn");
    assert_string_equal(world_state(w, "health", referral)->step, "withdrawn");
    assert_true(world_state(w, "health", referral)->history[1]->no_effect);
    assert_string_equal(world_tasks(w, "health"), "");
}

/* A notice that is sealed anew overtakes nobody: a step may come before its referral. */
static void a_step_before_its_referral_waits_for_it(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_submit(w, "police", world_referral(w, "health"));
    Kith__Notice *told = world_submit(w, "police", draft_of(w, referral, STEP(INFORMATION)));
    Kith__Notice *strange = world_submit(w, "police", draft_of(w, referral, STEP(INFORMATION)));
    Kith__Notice *withdrawn = world_submit(w, "police", draft_of(w, referral, STEP(WITHDRAWN)));
    world_deliver(w, "health", withdrawn);
    assert_false(world_flag(world_last(w, "health"), "not-asked"));
    assert_string_equal(world_tasks(w, "health"), "");
    world_refused(w, "health", draft_of(w, referral, STEP(ACCEPTED)), KITH_NOT_FOUND,
                  "referral-unknown");
    Kith__Notice said = *strange;
    said.origin = NAME("housing"); /* of no party to it */
    world_deliver(w, "health", &said);
    world_deliver(w, "health", told);
    world_deliver(w, "health", referral);
    assert_string_equal(world_state(w, "health", referral)->step, "withdrawn");
    assert_int_equal(world_state(w, "health", referral)->n_history, 2);
    assert_string_equal(world_state(w, "health", referral)->note,
                        "Who is at home in the mornings?");
    assert_string_equal(world_tasks(w, "health"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_step_in_each_state_leads_where_the_table_says),
        TEST(a_step_of_the_other_end_is_refused),
        TEST(the_docs_draw_the_table_of_the_code),
        TEST(a_step_says_what_it_must),
        TEST(codes_are_codes_and_agencies_are_members),
        TEST(the_family_says_whether_the_need_is_met_or_why_they_were_not_asked),
        TEST(the_rest_of_a_partly_accepted_referral_waits_until_it_is_decided),
        TEST(the_two_scales_stand_side_by_side),
        TEST(a_referral_is_linked_to_the_earlier_one),
        TEST(what_is_possible_is_said),
        TEST(a_step_may_be_given_until_there_are_too_many),
        TEST(an_answer_that_an_older_agent_stored_stands),
        TEST(steps_that_cross_on_the_wire_end_the_same_at_both_ends),
        TEST(withdrawing_and_declining_cross_and_the_earlier_stands),
        TEST(a_step_before_its_referral_waits_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
