/* Who can help with a need, and the warning before a referral to a service that is full or stale.
 */
#include "tests/unit/work_world.h"

static void knows(world_t *w, const char *agency, const char *subject, const char *role)
{
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    Kith__Knows said = KITH__KNOWS__INIT;
    said.subject = NAME(subject);
    said.role = NAME(role);
    ask.knows = &said;
    world_say(w, agency, world_offer(w, agency, &ask));
}

typedef struct offered {
    const char *id, *name, *need, *what, *not_whom;
    bool counted;
    uint32_t places, free;
} offered_t;

static void offers(world_t *w, const char *agency, offered_t with)
{
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    Kith__Service said = KITH__SERVICE__INIT;
    char *needs[] = {NAME(with.need)};
    said.id = NAME(with.id);
    said.name = NAME(with.name);
    said.needs = needs;
    said.n_needs = with.need != NULL ? 1 : 0;
    said.what = NAME(with.what != NULL ? with.what : "help");
    said.not_whom = NAME(with.not_whom != NULL ? with.not_whom : "");
    said.counted = with.counted;
    said.places = with.places;
    said.free = with.free;
    ask.service = &said;
    world_say(w, agency, world_offer(w, agency, &ask));
}

static Kith__Api__FindResponse *find(world_t *w, const char *agency, const char *need)
{
    Kith__Api__FindRequest ask = KITH__API__FIND_REQUEST__INIT;
    Kith__Api__FindResponse *found = kith_arena_need(w->arena, sizeof *found);
    kith__api__find_response__init(found);
    ask.need = NAME(need);
    w->refusal = (work_refusal_t){0};
    kith_txn_t *txn = world_begin(w, agency);
    kith_err err =
        work_find(&world_node(w, agency)->work, txn, w->arena, &ask, w->now_ms, found, &w->refusal);
    memtxn_abort(world_node(w, agency)->store);
    assert_true(err == KITH_OK || w->refusal.rule != NULL);
    return err == KITH_OK ? found : NULL;
}

/* "health:clinic school:(sleep) …" in the order found; full and stale marked. */
static const char *line(world_t *w, const char *agency, const char *need)
{
    Kith__Api__FindResponse *found = find(w, agency, need);
    assert_non_null(found);
    const char *text = "";
    for (size_t i = 0; i < found->n_found; i++) {
        const Kith__Api__Found *one = found->found[i];
        const char *what = one->service != NULL
                               ? one->service->id
                               : kith_arena_printf(w->arena, "(%s)", one->knows->subject);
        text = kith_arena_printf(w->arena, "%s%s%s:%s%s%s", text, i > 0 ? " " : "", one->agency,
                                 what, one->full ? "!full" : "", one->stale ? "!stale" : "");
    }
    return text;
}

static void a_code_is_found_before_words(void **state)
{
    world_t *w = *state;
    offers(w, "police", (offered_t){.id = "watch", .name = "Watch", .what = "walks, sleep rough"});
    offers(w, "school", (offered_t){.id = "club", .name = "Sleep club", .need = "learning"});
    offers(w, "health", (offered_t){.id = "clinic", .name = "Clinic", .need = "sleep"});
    knows(w, "housing", "sleep and noise", "tenancy officer");
    assert_string_equal(line(w, "social-care", "sleep"),
                        "health:clinic school:club police:watch housing:(sleep and noise)");
    assert_string_equal(line(w, "social-care", "SLEEP"), line(w, "social-care", "sleep"));
    assert_string_equal(line(w, "social-care", "debt"), "");
    assert_string_equal(line(w, "social-care", "sleep rough"), "police:watch"); /* each word */
    assert_string_equal(line(w, "social-care", "  sleep,  club "), "school:club");
}

static void who_knows_is_found_by_subject(void **state)
{
    world_t *w = *state;
    knows(w, "police", "county lines", "exploitation lead");
    Kith__Api__FindResponse *found = find(w, "school", "county");
    assert_int_equal(found->n_found, 1);
    assert_string_equal(found->found[0]->knows->role, "exploitation lead");
    assert_null(found->found[0]->service);
}

static void full_and_stale_come_after_what_can_be_had(void **state)
{
    world_t *w = *state;
    w->agreement.stale_after_ms = 30 * DAY;
    offers(w, "school", (offered_t){.id = "club", .name = "Club", .need = "sleep"});
    w->now_ms += 31 * DAY;
    offers(w, "police",
           (offered_t){.id = "full", .name = "F", .need = "sleep", .counted = true, .places = 8});
    offers(w, "health",
           (offered_t){.id = "clinic",
                       .name = "Clinic",
                       .need = "sleep",
                       .counted = true,
                       .places = 8,
                       .free = 1});
    assert_string_equal(line(w, "housing", "sleep"),
                        "health:clinic police:full!full school:club!stale");
    w->agreement.stale_after_ms = 0; /* nothing is ever stale */
    assert_string_equal(line(w, "housing", "sleep"), "health:clinic school:club police:full!full");
}

static void agreement_says_where_we_may_refer(void **state)
{
    world_t *w = *state;
    offers(w, "housing", (offered_t){.id = "own", .name = "Own", .need = "sleep"});
    offers(w, "health", (offered_t){.id = "clinic", .name = "Clinic", .need = "sleep"});
    Kith__Api__FindResponse *found = find(w, "housing", "sleep");
    assert_string_equal(found->found[0]->agency,
                        "health"); /* of two that fit, where we may refer */
    assert_true(found->found[0]->may_refer);
    assert_false(found->found[1]->may_refer); /* to ourselves there is none */
    w->agreement.clauses_count = 1;           /* events only */
    assert_false(find(w, "housing", "clinic")->found[0]->may_refer);
}

static void the_number_to_ring_is_shown(void **state)
{
    world_t *w = *state;
    kith_agency_t agencies[WORLD_NODES + 1];
    memcpy(agencies, w->agreement.agencies, sizeof agencies);
    w->agreement.agencies = agencies;
    for (size_t i = 0; i < WORLD_NODES + 1; i++) {
        agencies[i].phone = "01632 960001";
    }
    offers(w, "health", (offered_t){.id = "clinic", .name = "Clinic", .need = "sleep"});
    assert_string_equal(find(w, "police", "sleep")->found[0]->phone, "01632 960001");
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    ask.phone = NAME("01632 960004");
    world_say(w, "health", world_offer(w, "health", &ask));
    assert_string_equal(find(w, "police", "sleep")->found[0]->phone, "01632 960004");
}

static void who_has_left_offers_nothing(void **state)
{
    world_t *w = *state;
    kith_agency_t agencies[WORLD_NODES + 1];
    memcpy(agencies, w->agreement.agencies, sizeof agencies);
    w->agreement.agencies = agencies;
    offers(w, "health", (offered_t){.id = "clinic", .name = "Clinic", .need = "sleep"});
    agencies[3].left = true;
    assert_string_equal(line(w, "police", "sleep"), "");
}

static void the_best_hundred_are_shown(void **state)
{
    world_t *w = *state;
    for (size_t i = 0; i < KITH_SERVICES_MAX; i++) {
        const char *id = kith_arena_printf(w->arena, "s-%zu", i);
        offers(w, "police", (offered_t){.id = id, .name = "P", .what = "sleep"});
        offers(w, "school", (offered_t){.id = id, .name = "S", .need = "sleep"});
    }
    Kith__Api__FindResponse *found = find(w, "housing", "sleep");
    assert_int_equal(found->n_found, 100);
    assert_true(found->more);
    size_t best = 0;
    for (size_t i = 0; i < 100; i++) {
        best += strcmp(found->found[i]->agency, "school") == 0 ? 1 : 0;
    }
    assert_int_equal(best, KITH_SERVICES_MAX);
    assert_false(find(w, "housing", "s-1")->more);
}

static void a_need_must_be_said(void **state)
{
    world_t *w = *state;
    assert_null(find(w, "police", ""));
    assert_string_equal(w->refusal.rule, "need-missing");
    assert_null(find(w, "police", " , "));
    char longer[200];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_string_equal(line(w, "police", longer), "");
}

/* ---- the warning ---- */

static Kith__Api__Draft *referral(world_t *w, const char *service)
{
    Kith__Api__Draft *draft = world_referral(w, "health");
    draft->referral->service = NAME(service);
    return draft;
}

static void despite(world_t *w, Kith__Api__Draft *draft, const char *rule)
{
    char **all = kith_arena_need(w->arena, (draft->n_despite + 1) * sizeof *all);
    for (size_t i = 0; i < draft->n_despite; i++) {
        all[i] = draft->despite[i];
    }
    all[draft->n_despite++] = NAME(rule);
    draft->despite = all;
}

static void referral_to_a_full_service_warns_first(void **state)
{
    world_t *w = *state;
    offers(w, "health", (offered_t){.id = "clinic", .name = "C", .counted = true, .places = 8});
    offers(w, "school", (offered_t){.id = "club", .name = "C", .counted = true, .places = 8});
    Kith__Api__Draft *draft = referral(w, "clinic");
    world_refused(w, "police", draft, KITH_CONFLICT, "service-full");
    assert_non_null(strstr(w->refusal.what, "clinic of health has no place free of 8"));
    assert_non_null(strstr(w->refusal.what, "--despite service-full"));
    despite(w, draft, "service-stale");
    world_refused(w, "police", draft, KITH_CONFLICT, "service-full"); /* of another warning */
    despite(w, draft, "service-full");
    world_say(w, "police", draft);
    world_say(w, "police", referral(w, "club")); /* health has none of that name */
    offers(w, "health",
           (offered_t){.id = "clinic", .name = "C", .counted = true, .places = 8, .free = 1});
    world_say(w, "police", referral(w, "clinic"));
}

static void referral_to_a_stale_service_warns_first(void **state)
{
    world_t *w = *state;
    w->agreement.stale_after_ms = 30 * DAY;
    offers(w, "health", (offered_t){.id = "clinic", .name = "C"});
    w->now_ms += 30 * DAY - 1000;
    world_say(w, "police", referral(w, "clinic")); /* not a moment early */
    w->now_ms += 1000;
    Kith__Api__Draft *draft = referral(w, "clinic");
    world_refused(w, "police", draft, KITH_CONFLICT, "service-stale");
    assert_non_null(strstr(w->refusal.what, "looked at clinic since 2026-01-01"));
    despite(w, draft, "service-stale");
    world_say(w, "police", draft);
}

static void referral_to_who_is_left_out_warns_first(void **state)
{
    world_t *w = *state;
    offers(
        w, "health",
        (offered_t){.id = "clinic", .name = "C", .not_whom = "under-fives, alleged-perpetrator"});
    Kith__Api__Draft *draft = referral(w, "clinic");
    world_about(w, draft, "P-1");
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
    draft->referral->about[0]->role = NAME("alleged-perpetrator");
    world_refused(w, "police", draft, KITH_CONFLICT, "service-not-whom");
    assert_non_null(strstr(w->refusal.what, "under-fives"));
    despite(w, draft, "service-not-whom");
    world_say(w, "police", draft);
    draft = referral(w, "clinic");
    draft->referral->need_code = NAME("under-fives");
    world_refused(w, "police", draft, KITH_CONFLICT, "service-not-whom");
}

static void each_warning_is_read_for_itself(void **state)
{
    world_t *w = *state;
    w->agreement.stale_after_ms = 30 * DAY;
    offers(w, "health", (offered_t){.id = "clinic", .name = "C", .counted = true, .places = 8});
    w->now_ms += 31 * DAY;
    Kith__Api__Draft *draft = referral(w, "clinic");
    despite(w, draft, "service-full");
    world_refused(w, "police", draft, KITH_CONFLICT, "service-stale");
    despite(w, draft, "service-stale");
    world_say(w, "police", draft);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_code_is_found_before_words),
        TEST(who_knows_is_found_by_subject),
        TEST(full_and_stale_come_after_what_can_be_had),
        TEST(agreement_says_where_we_may_refer),
        TEST(the_number_to_ring_is_shown),
        TEST(who_has_left_offers_nothing),
        TEST(the_best_hundred_are_shown),
        TEST(a_need_must_be_said),
        TEST(referral_to_a_full_service_warns_first),
        TEST(referral_to_a_stale_service_warns_first),
        TEST(referral_to_who_is_left_out_warns_first),
        TEST(each_warning_is_read_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
