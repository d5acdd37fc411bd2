/* The broker's judgement of an envelope: each rule with its reason. */
#include "broker/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define REASON(name) KITH__REASON__REASON_##name

/* Agencies police and housing (epoch 2), charity (left); clauses 4.1 and 4.2 as below. */
typedef struct bench {
    kith_agreement_t agreement;
    kith_agency_t agencies[3];
    kith_clause_t clauses[2];
    Kith__Header header;
    Kith__EnvelopeId id;
    Kith__Void void_;
    Kith__Slot slot;
} bench_t;

static const char *all[] = {"*"};
static const char *police[] = {"police"};
static const char *housing[] = {"housing"};
static const char *event[] = {"event"};
static const char *referral[] = {"referral"};

static bench_t *begin(bench_t *b)
{
    memset(b, 0, sizeof *b);
    b->agencies[0] = (kith_agency_t){.id = "police", .epoch = 2};
    b->agencies[1] = (kith_agency_t){.id = "housing", .epoch = 2};
    b->agencies[2] = (kith_agency_t){.id = "charity", .epoch = 2, .left = true};
    b->clauses[0] = (kith_clause_t){"4.1", 1, 1, 1, event, police, all};
    b->clauses[1] = (kith_clause_t){"4.2", 1, 1, 1, referral, all, housing};
    b->agreement = (kith_agreement_t){.partnership = "exampletown",
                                      .version = 5,
                                      .agencies_count = 3,
                                      .agencies = b->agencies,
                                      .clauses_count = 2,
                                      .clauses = b->clauses};
    kith__header__init(&b->header);
    kith__envelope_id__init(&b->id);
    kith__void__init(&b->void_);
    kith__slot__init(&b->slot);
    b->header.partnership = (char *)(uintptr_t) "exampletown";
    b->header.partnership_version = 5;
    b->header.topic_class = (char *)(uintptr_t) "event";
    b->header.clause = (char *)(uintptr_t) "4.1";
    b->header.id = &b->id;
    b->id.origin = (char *)(uintptr_t) "police";
    b->id.epoch = 2;
    b->slot.agency = (char *)(uintptr_t) "housing";
    b->slot.epoch = 2;
    return b;
}

static policy_verdict_t whole(const bench_t *b)
{
    return policy_judge_envelope(&b->agreement, "police", &b->header);
}

static policy_verdict_t one(const bench_t *b)
{
    return policy_judge_recipient(&b->agreement, &b->header, &b->slot);
}

static void what_fits_is_allowed(void **state)
{
    (void)state;
    bench_t b;
    begin(&b);
    policy_verdict_t v = whole(&b);
    assert_int_equal(v.reason, 0);
    assert_false(v.stale || v.later);
    v = one(&b);
    assert_int_equal(v.reason, 0);
    assert_string_equal(v.clause, "");
}

static void partnership_and_origin_must_fit(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->header.partnership = (char *)(uintptr_t) "othertown";
    assert_int_equal(whole(&b).reason, REASON(WRONG_PARTNERSHIP));
    begin(&b)->id.origin = (char *)(uintptr_t) "housing";
    assert_int_equal(whole(&b).reason, REASON(NOT_YOUR_NAME));
    begin(&b);
    assert_int_equal(policy_judge_envelope(&b.agreement, "nobody", &b.header).reason,
                     REASON(NOT_YOUR_NAME));
}

static void an_older_version_is_stale_a_newer_one_later(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->header.partnership_version = 4;
    assert_true(whole(&b).stale);
    assert_int_equal(whole(&b).reason, 0);
    begin(&b)->header.partnership_version = 6;
    assert_true(whole(&b).later);
    assert_int_equal(whole(&b).reason, 0);
}

static void versions_come_before_what_versions_change(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->header.partnership_version = 6;
    b.id.epoch = 3;
    b.header.exercise = true;
    assert_true(whole(&b).later);
}

static void a_void_has_no_version(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->header.void_ = &b.void_;
    b.header.partnership_version = 1;
    assert_false(whole(&b).stale);
    b.header.partnership_version = 9;
    assert_false(whole(&b).later);
    assert_int_equal(whole(&b).reason, 0);
}

static void epoch_and_exercise_must_fit(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->id.epoch = 1;
    assert_int_equal(whole(&b).reason, REASON(WRONG_EPOCH));
    begin(&b)->header.exercise = true;
    assert_int_equal(whole(&b).reason, REASON(EXERCISE_MIXED));
    begin(&b)->agreement.exercise = true;
    assert_int_equal(whole(&b).reason, REASON(EXERCISE_MIXED));
    b.header.exercise = true;
    assert_int_equal(whole(&b).reason, 0);
    begin(&b)->header.n_slots = KITH_SLOTS_MAX + 1;
    assert_int_equal(whole(&b).reason, REASON(TOO_MANY_RECIPIENTS));
}

static void the_recipient_must_be_a_member_of_that_epoch(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->slot.agency = (char *)(uintptr_t) "nobody";
    assert_int_equal(one(&b).reason, REASON(UNKNOWN_RECIPIENT));
    begin(&b)->slot.agency = (char *)(uintptr_t) "charity";
    assert_int_equal(one(&b).reason, REASON(REMOVED));
    begin(&b)->slot.epoch = 1;
    assert_int_equal(one(&b).reason, REASON(WRONG_EPOCH));
}

static void the_named_clause_must_exist_and_cover(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->header.clause = (char *)(uintptr_t) "9.9";
    policy_verdict_t v = one(&b);
    assert_int_equal(v.reason, REASON(UNKNOWN_CLAUSE));
    assert_string_equal(v.clause, "4.1"); /* would be needed */
    begin(&b)->header.clause = (char *)(uintptr_t) "4.2";
    v = one(&b);
    assert_int_equal(v.reason, REASON(TOPIC_NOT_ALLOWED)); /* another one would, this does not */
    assert_string_equal(v.clause, "4.1");
    begin(&b)->header.topic_class = (char *)(uintptr_t) "alert";
    v = one(&b);
    assert_int_equal(v.reason, REASON(TOPIC_NOT_ALLOWED));
    assert_string_equal(v.clause, ""); /* none would */
}

static void a_void_needs_a_known_recipient_and_nothing_else(void **state)
{
    (void)state;
    bench_t b;
    begin(&b)->header.void_ = &b.void_;
    b.header.clause = (char *)(uintptr_t) "";
    b.header.topic_class = (char *)(uintptr_t) "";
    b.slot.epoch = 1;
    assert_int_equal(one(&b).reason, 0);
    b.slot.agency = (char *)(uintptr_t) "nobody";
    assert_int_equal(one(&b).reason, REASON(UNKNOWN_RECIPIENT));
    b.slot.agency = (char *)(uintptr_t) "charity";
    assert_int_equal(one(&b).reason, REASON(REMOVED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_allowed),
        cmocka_unit_test(partnership_and_origin_must_fit),
        cmocka_unit_test(an_older_version_is_stale_a_newer_one_later),
        cmocka_unit_test(versions_come_before_what_versions_change),
        cmocka_unit_test(a_void_has_no_version),
        cmocka_unit_test(epoch_and_exercise_must_fit),
        cmocka_unit_test(the_recipient_must_be_a_member_of_that_epoch),
        cmocka_unit_test(the_named_clause_must_exist_and_cover),
        cmocka_unit_test(a_void_needs_a_known_recipient_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
