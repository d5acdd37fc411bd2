/* Small help: asked, decided by the pot's holder, spent; the pot adds up and is never overdrawn,
 * and both ends are the same, whatever crosses. */
#include "agents/work/parts.h"
#include "tests/lib/dice.h"
#include "tests/unit/work_world.h"

#include <stdio.h>

#define STEP(name) KITH__SMALL_HELP_STEP__SMALL_HELP_##name

/* Social care holds the pot: £500.00, of which one request gets at most £200.00. It does not sit in
 * the team. */
static ProtobufCBinaryData family_of(world_t *w)
{
    return world_household(w, "police", (const char *const[]){"housing", NULL});
}

static Kith__Api__Draft *ask(world_t *w, ProtobufCBinaryData household, uint64_t pence)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->household = household;
    draft->body_case = KITH__API__DRAFT__BODY_SMALL_HELP;
    draft->small_help = kith_arena_need(w->arena, sizeof *draft->small_help);
    kith__small_help__init(draft->small_help);
    draft->small_help->step = STEP(ASKED);
    draft->small_help->what = NAME("a fare to the sleep clinic");
    draft->small_help->amount = pence;
    return draft;
}

static Kith__Api__Draft *step_of(world_t *w, const Kith__Notice *asked, Kith__SmallHelpStep step,
                                 uint64_t pence)
{
    Kith__Api__Draft *draft = ask(w, (ProtobufCBinaryData){0}, pence);
    draft->small_help->help = asked->id;
    draft->small_help->step = step;
    draft->small_help->what = NAME("");
    draft->small_help->reason = NAME("the clinic came to them");
    return draft;
}

static const char *by(Kith__SmallHelpStep step)
{
    return help_step_is_holders(step) ? "social-care" : "police";
}

static Kith__Notice *take(world_t *w, const Kith__Notice *asked, Kith__SmallHelpStep step,
                          uint64_t pence)
{
    return world_say(w, by(step), step_of(w, asked, step, pence));
}

static Kith__Api__SmallHelpState *state_at(world_t *w, const char *agency,
                                           const Kith__Notice *asked)
{
    Kith__Api__SmallHelpState *state = NULL;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(
        work_small_help(&world_node(w, agency)->work, txn, w->arena, bytes_of(asked->id), &state),
        KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return state;
}

static Kith__Api__PotState *pot_at(world_t *w, const char *agency)
{
    Kith__Api__PotResponse pots = KITH__API__POT_RESPONSE__INIT;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_pots(&world_node(w, agency)->work, txn, w->arena, "joined-up", &pots),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return pots.pots[0];
}

/* "balance aside spent" */
static const char *sums_at(world_t *w, const char *agency)
{
    const Kith__Api__PotState *pot = pot_at(w, agency);
    return kith_arena_printf(w->arena, "%s %s %s", pounds(w->arena, pot->balance),
                             pounds(w->arena, pot->set_aside), pounds(w->arena, pot->spent));
}

/* ---- the story ---- */

static void a_fare_is_approved_by_the_holder_and_what_is_left_goes_back(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", ask(w, family_of(w), 1850));
    assert_string_equal(world_recipients(w), "housing social-care");
    assert_string_equal(world_tasks(w, "social-care"), "small-help-to-decide police");
    assert_string_equal(world_last(w, "housing")->summary, "small help asked: £18.50");
    assert_int_equal(pot_at(w, "social-care")->n_open, 1);
    take(w, asked, STEP(APPROVED), 0); /* what was asked */
    assert_string_equal(world_recipients(w), "housing police");
    assert_string_equal(world_tasks(w, "social-care"), "");
    assert_string_equal(world_tasks(w, "police"), "small-help-to-spend social-care");
    static const char *const all[] = {"police", "housing", "social-care"};
    for (size_t i = 0; i < 3; i++) { /* the holder's word, told with the decision */
        assert_string_equal(sums_at(w, all[i]), "481.50 18.50 0.00");
        assert_string_equal(state_at(w, all[i], asked)->state, "approved");
    }
    take(w, asked, STEP(SPENT), 1620);
    assert_string_equal(sums_at(w, "social-care"), "483.80 0.00 16.20");
    assert_string_equal(world_tasks(w, "police"), "");
    for (size_t i = 0; i < 3; i++) {
        Kith__Api__SmallHelpState *seen = state_at(w, all[i], asked);
        assert_string_equal(seen->state, "spent");
        assert_int_equal(seen->spent, 1620);
        assert_int_equal(seen->n_allowed, 0);
    }
    assert_int_equal(pot_at(w, "social-care")->n_open, 0);
}

static void the_holder_may_approve_less_or_decline_with_a_reason(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Notice *first = world_say(w, "police", ask(w, family, 1850));
    take(w, first, STEP(APPROVED), 1000);
    assert_int_equal(state_at(w, "police", first)->approved, 1000);
    Kith__Notice *second = world_say(w, "police", ask(w, family, 700));
    take(w, second, STEP(DECLINED), 0);
    Kith__Api__SmallHelpState *seen = state_at(w, "police", second);
    assert_string_equal(seen->state, "declined");
    assert_string_equal(seen->reason, "the clinic came to them");
    assert_int_equal(seen->balance, 49000);
    take(w, first, STEP(WITHDRAWN), 0); /* the whole goes back */
    assert_string_equal(sums_at(w, "social-care"), "500.00 0.00 0.00");
}

static void a_holder_asks_itself_and_decides(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "social-care", (const char *[]){NULL});
    Kith__Notice *asked = world_say(w, "social-care", ask(w, family, 1850));
    assert_string_equal(world_tasks(w, "social-care"), "small-help-to-decide social-care");
    world_say(w, "social-care", step_of(w, asked, STEP(APPROVED), 0));
    world_say(w, "social-care", step_of(w, asked, STEP(SPENT), 1850));
    assert_string_equal(sums_at(w, "social-care"), "481.50 0.00 18.50");
}

/* ---- what is refused ---- */

static void what_cannot_be_asked_is_refused(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    world_refused(w, "school", ask(w, family, 1850), KITH_NOT_FOUND, "household-unknown");
    world_refused(w, "police", ask(w, family, 20001), KITH_INVALID, "help-limit");
    assert_non_null(strstr(w->refusal.what, "at most £200.00"));
    world_refused(w, "police", ask(w, family, 0), KITH_INVALID, "help-amount");
    Kith__Api__Draft *draft = ask(w, family, 1850);
    draft->small_help->pot = NAME("petty-cash");
    world_refused(w, "police", draft, KITH_INVALID, "pot-unknown");
    assert_non_null(strstr(w->refusal.what, "joined-up"));
    draft = ask(w, family, 1850);
    draft->small_help->what = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "help-what");
    draft = ask(w, family, 1850);
    draft->small_help->step = STEP(UNSPECIFIED);
    draft->small_help->help = family;
    world_refused(w, "police", draft, KITH_NOT_FOUND, "help-unknown");
}

static void what_cannot_be_decided_or_spent_is_refused(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", ask(w, family_of(w), 1850));
    world_refused(w, "police", step_of(w, asked, STEP(APPROVED), 0), KITH_DENIED, "help-not-yours");
    world_refused(w, "social-care", step_of(w, asked, STEP(SPENT), 0), KITH_DENIED,
                  "help-not-yours");
    world_refused(w, "social-care", step_of(w, asked, STEP(APPROVED), 1851), KITH_INVALID,
                  "help-amount");
    Kith__Api__Draft *draft = step_of(w, asked, STEP(DECLINED), 0);
    draft->small_help->reason = NAME("");
    world_refused(w, "social-care", draft, KITH_INVALID, "help-reason");
    take(w, asked, STEP(APPROVED), 1500);
    world_refused(w, "police", step_of(w, asked, STEP(SPENT), 1501), KITH_INVALID, "help-amount");
    assert_non_null(strstr(w->refusal.what, "£15.00 was approved"));
}

static void more_than_is_left_is_refused_with_the_balance(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Notice *asked[3];
    for (size_t i = 0; i < 3; i++) {
        asked[i] = world_say(w, "police", ask(w, family, 20000));
    }
    take(w, asked[0], STEP(APPROVED), 0);
    take(w, asked[1], STEP(APPROVED), 0);
    world_refused(w, "social-care", step_of(w, asked[2], STEP(APPROVED), 0), KITH_CONFLICT,
                  "pot-balance");
    assert_string_equal(w->refusal.what, "the pot joined-up has £100.00 left (£400.00 set aside, "
                                         "£0.00 spent): approve less, or decline");
    take(w, asked[2], STEP(APPROVED), 10000);
    assert_string_equal(sums_at(w, "police"), "0.00 500.00 0.00");
}

/* ---- its states ---- */

static const Kith__SmallHelpStep states[] = {STEP(ASKED), STEP(APPROVED), STEP(DECLINED),
                                             STEP(SPENT), STEP(WITHDRAWN)};

static void each_step_in_each_state_leads_where_the_table_says(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    for (size_t i = 0; i < 5; i++) {
        for (int step = STEP(APPROVED); step <= STEP(WITHDRAWN); step++) {
            Kith__Notice *asked = world_say(w, "police", ask(w, family, 100));
            if (states[i] == STEP(SPENT)) {
                take(w, asked, STEP(APPROVED), 0);
            }
            if (states[i] != STEP(ASKED)) {
                take(w, asked, states[i], states[i] == STEP(APPROVED) ? 100 : 10);
            }
            Kith__SmallHelpStep next = help_next((Kith__SmallHelpStep)step, states[i]);
            Kith__Api__Draft *draft = step_of(w, asked, (Kith__SmallHelpStep)step, 10);
            if (next == STEP(UNSPECIFIED)) {
                world_refused(w, by((Kith__SmallHelpStep)step), draft, KITH_CONFLICT, "help-step");
                next = states[i];
            } else {
                world_say(w, by((Kith__SmallHelpStep)step), draft);
            }
            work_ctx_t at = {.arena = w->arena};
            assert_string_equal(state_at(w, "housing", asked)->state, help_word(&at, next));
        }
    }
}

static void the_docs_draw_the_table_of_the_code(void **state)
{
    world_t *w = *state;
    work_ctx_t at = {.arena = w->arena};
    char *page = kith_arena_need(w->arena, 128 * 1024);
    FILE *file = fopen(KITH_STATES, "rb");
    assert_non_null(file);
    assert_true(fread(page, 1, 128 * 1024 - 1, file) > 0);
    (void)fclose(file);
    assert_non_null(strstr(page, "| step | by | asked | approved |"));
    for (int step = STEP(APPROVED); step <= STEP(WITHDRAWN); step++) {
        const char *line = kith_arena_printf(
            w->arena, "| %s | %s |", help_word(&at, (Kith__SmallHelpStep)step),
            help_step_is_holders((Kith__SmallHelpStep)step) ? "the pot's holder" : "who asked");
        for (size_t i = 0; i < 2; i++) {
            line =
                kith_arena_printf(w->arena, "%s %s |", line,
                                  help_word(&at, help_next((Kith__SmallHelpStep)step, states[i])));
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

/* ---- any order ---- */

static void withdrawing_and_approving_cross_and_the_sum_goes_back(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    for (int first = 0; first < 2; first++) {
        Kith__Notice *asked = world_say(w, "police", ask(w, family, 1850));
        Kith__Notice *withdrawn = NULL, *approved = NULL;
        if (first == 0) {
            withdrawn = world_submit(w, "police", step_of(w, asked, STEP(WITHDRAWN), 0));
        }
        approved = world_submit(w, "social-care", step_of(w, asked, STEP(APPROVED), 0));
        if (first == 1) {
            withdrawn = world_submit(w, "police", step_of(w, asked, STEP(WITHDRAWN), 0));
        }
        world_deliver(w, "housing", withdrawn);
        world_deliver(w, "housing", approved);
        world_deliver(w, "police", approved);
        world_deliver(w, "social-care", withdrawn);
        static const char *const all[] = {"police", "housing", "social-care"};
        for (size_t i = 0; i < 3; i++) {
            assert_string_equal(state_at(w, all[i], asked)->state, "withdrawn");
        }
        assert_true(state_at(w, "police", asked)->history[1 - first]->no_effect == (first == 0));
        assert_string_equal(sums_at(w, "social-care"), "500.00 0.00 0.00");
        assert_string_equal(world_tasks(w, "police"), "");
    }
}

/* Of an agent that does not keep the rules. */
static void what_its_end_or_its_sum_does_not_allow_has_no_effect(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", ask(w, family_of(w), 1850));
    take(w, asked, STEP(APPROVED), 0);
    Kith__Notice *spent = world_submit(w, "police", step_of(w, asked, STEP(SPENT), 100));
    spent->small_help->amount = 1851;
    world_deliver(w, "social-care", spent);
    assert_true(world_flag(world_last(w, "social-care"), "not-asked"));
    spent->origin = NAME("housing");
    spent->id = (ProtobufCBinaryData){16, (uint8_t[16]){7}};
    spent->small_help->amount = 100;
    world_deliver(w, "social-care", spent);
    assert_string_equal(state_at(w, "social-care", asked)->state, "approved");
    assert_int_equal(state_at(w, "social-care", asked)->n_history, 3);
    assert_string_equal(sums_at(w, "social-care"), "481.50 18.50 0.00");
}

static void a_step_before_its_beginning_waits_for_it(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_submit(w, "police", ask(w, family_of(w), 1850));
    world_deliver(w, "social-care", asked);
    Kith__Notice *approved = world_submit(w, "social-care", step_of(w, asked, STEP(APPROVED), 0));
    world_deliver(w, "housing", approved);
    world_deliver(w, "housing", approved);                           /* again */
    assert_string_equal(sums_at(w, "housing"), "481.50 18.50 0.00"); /* the holder's word */
    world_deliver(w, "housing", asked);
    Kith__Api__SmallHelpState *seen = state_at(w, "housing", asked);
    assert_string_equal(seen->state, "approved");
    assert_int_equal(seen->n_history, 1);
}

static void an_older_word_of_the_holder_does_not_replace_a_later_one(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Notice *asked[2], *approved[2];
    for (size_t i = 0; i < 2; i++) {
        asked[i] = world_say(w, "police", ask(w, family, 1000));
    }
    for (size_t i = 0; i < 2; i++) {
        approved[i] = world_submit(w, "social-care", step_of(w, asked[i], STEP(APPROVED), 0));
    }
    world_deliver(w, "police", approved[1]);
    world_deliver(w, "police", approved[0]);
    assert_string_equal(sums_at(w, "police"), "480.00 20.00 0.00");
}

#define HELPS 12u

static const char *told(world_t *w, const char *agency, const Kith__Notice *asked)
{
    Kith__Api__SmallHelpState *seen = state_at(w, agency, asked);
    const char *text = kith_arena_printf(w->arena, "%s %u %u", seen->state,
                                         (unsigned)seen->approved, (unsigned)seen->spent);
    for (size_t i = 0; i < seen->n_history; i++) {
        text = kith_arena_printf(w->arena, "%s, %s %s %d", text, seen->history[i]->agency,
                                 seen->history[i]->step, seen->history[i]->no_effect);
    }
    return text;
}

/* Two agencies ask, more than there is; the holder approves what it can; steps cross. At no time is
 * the pot overdrawn, and its sums are those of all that was asked. */
static void cross(world_t *w, uint64_t seed)
{
    static const char *const ends[] = {"police", "housing", "social-care"};
    dice_t dice = {seed};
    ProtobufCBinaryData family = family_of(w);
    Kith__Notice *asked[HELPS];
    const Kith__Notice *waiting[3][8 * HELPS];
    size_t count[3] = {0};
    for (size_t i = 0; i < HELPS; i++) {
        uint64_t pence = 1000 * (1 + dice_roll(&dice, 20));
        asked[i] = world_say(w, ends[i % 2], ask(w, family, pence));
    }
    for (size_t turn = 0; turn < 6 * HELPS; turn++) {
        size_t who = dice_roll(&dice, 3);
        w->now_ms -= dice_roll(&dice, 3) == 0 ? 2000 : 0; /* clocks that disagree */
        const Kith__Notice *of = asked[dice_roll(&dice, HELPS)];
        Kith__SmallHelpStep step = (Kith__SmallHelpStep)(STEP(APPROVED) + dice_roll(&dice, 4));
        Kith__Api__Draft *draft = step_of(w, of, step, 100 * dice_roll(&dice, 150));
        if (dice_roll(&dice, 3) != 0 && world_prepare(w, ends[who], draft) == KITH_OK) {
            const Kith__Notice *said = world_submit(w, ends[who], draft);
            for (size_t i = 0; i < 3; i++) {
                if (i != who) {
                    waiting[i][count[i]++] = said;
                }
            }
        } else if (count[who] > 0) {
            size_t i = dice_roll(&dice, count[who]);
            world_deliver(w, ends[who], waiting[who][i]);
            if (dice_roll(&dice, 4) != 0) { /* else it comes again */
                waiting[who][i] = waiting[who][--count[who]];
            }
        }
        const Kith__Api__PotState *pot = pot_at(w, "social-care");
        if (pot->set_aside + pot->spent > pot->amount) {
            fail_msg("seed %llu: overdrawn", (unsigned long long)seed);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        while (count[i] > 0) {
            world_deliver(w, ends[i], waiting[i][--count[i]]);
        }
    }
    uint64_t aside = 0, spent = 0;
    for (size_t i = 0; i < HELPS; i++) {
        const Kith__Api__SmallHelpState *seen = state_at(w, "social-care", asked[i]);
        aside += strcmp(seen->state, "approved") == 0 ? seen->approved : 0;
        spent += strcmp(seen->state, "spent") == 0 ? seen->spent : 0;
        for (size_t k = 0; k < 2; k++) {
            if (strcmp(told(w, ends[k], asked[i]), told(w, "social-care", asked[i])) != 0) {
                fail_msg("seed %llu: %s has %s, social-care has %s", (unsigned long long)seed,
                         ends[k], told(w, ends[k], asked[i]), told(w, "social-care", asked[i]));
            }
        }
    }
    const Kith__Api__PotState *pot = pot_at(w, "social-care");
    assert_int_equal(pot->set_aside, aside);
    assert_int_equal(pot->spent, spent);
    assert_int_equal(pot->balance, pot->amount - aside - spent);
}

static void the_pot_is_never_overdrawn_and_all_ends_are_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        world_t *w = world_new();
        cross(w, seed);
        world_destroy(w);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fare_is_approved_by_the_holder_and_what_is_left_goes_back),
        TEST(the_holder_may_approve_less_or_decline_with_a_reason),
        TEST(a_holder_asks_itself_and_decides),
        TEST(what_cannot_be_asked_is_refused),
        TEST(what_cannot_be_decided_or_spent_is_refused),
        TEST(more_than_is_left_is_refused_with_the_balance),
        TEST(each_step_in_each_state_leads_where_the_table_says),
        TEST(the_docs_draw_the_table_of_the_code),
        TEST(withdrawing_and_approving_cross_and_the_sum_goes_back),
        TEST(what_its_end_or_its_sum_does_not_allow_has_no_effect),
        TEST(a_step_before_its_beginning_waits_for_it),
        TEST(an_older_word_of_the_holder_does_not_replace_a_later_one),
        TEST(the_pot_is_never_overdrawn_and_all_ends_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
