/* The agreement: who is found by which name or key, and what the clauses let through. */
#include "base/agreement.h"
#include "tests/lib/unit.h"

static kith_agency_t agencies[] = {
    {.id = "police",
     .transport = {.count = 3,
                   .keys = {{"k-old", {1}, KITH_KEY_RETIRED},
                            {"k-now", {2}, KITH_KEY_CURRENT},
                            {"k-bad", {3}, KITH_KEY_REVOKED}}}},
    {.id = "housing", .transport = {.count = 1, .keys = {{"k-h", {4}, KITH_KEY_CURRENT}}}},
};
static kith_broker_entry_t brokers[] = {{.id = "hub-a"}, {.id = "hub-b"}};
static kith_topic_t topics[] = {{.name = "police.call-out", .topic_class = "event"}};
static kith_clause_t clauses[] = {
    {"4.1", 1, 1, 2, (const char *[]){"event"}, (const char *[]){"police"},
     (const char *[]){"housing", "social-care"}},
    {"4.2", 2, 1, 1, (const char *[]){"event", "alert"}, (const char *[]){"*"},
     (const char *[]){"social-care"}},
    {"4.3", 1, 1, 1, (const char *[]){"directory"}, (const char *[]){"*"}, (const char *[]){"*"}},
    {.id = "4.4"},
};
static kith_may_subscribe_t may_subscribe[] = {
    {"housing", 1, (const char *[]){"police.call-out"}, false},
    {"social-care", 1, (const char *[]){"*"}, false},
    {"housing", 1, (const char *[]){"housing.arrears"}, false},
};
static const kith_agreement_t AGREEMENT = {
    .agencies_count = 2,
    .agencies = agencies,
    .brokers_count = 2,
    .brokers = brokers,
    .topics_count = 1,
    .topics = topics,
    .clauses_count = 4,
    .clauses = clauses,
    .may_subscribe_count = 3,
    .may_subscribe = may_subscribe,
};

static void what_is_there_is_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(kith_agreement_agency(&AGREEMENT, "housing"), &agencies[1]);
    assert_ptr_equal(kith_agreement_broker(&AGREEMENT, "hub-b"), &brokers[1]);
    assert_ptr_equal(kith_agreement_topic(&AGREEMENT, "police.call-out"), &topics[0]);
    assert_ptr_equal(kith_agreement_clause(&AGREEMENT, "4.3"), &clauses[2]);
    assert_null(kith_agreement_agency(&AGREEMENT, "hous"));
    assert_null(kith_agreement_broker(&AGREEMENT, "police"));
    assert_null(kith_agreement_topic(&AGREEMENT, ""));
    assert_null(kith_agreement_clause(&AGREEMENT, "4"));
}

static void only_a_current_key_connects(void **state)
{
    (void)state;
    for (uint8_t first = 1; first <= 5; first++) {
        const uint8_t key[32] = {first};
        const kith_agency_t *wanted = first == 2 ? &agencies[0] : first == 4 ? &agencies[1] : NULL;
        assert_ptr_equal(kith_agreement_by_transport(&AGREEMENT, key), wanted);
    }
}

static void a_ring_has_every_key_by_name_and_its_current_one(void **state)
{
    (void)state;
    const kith_keyring_t *ring = &agencies[0].transport;
    assert_ptr_equal(kith_keyring_find(ring, "k-bad"), &ring->keys[2]);
    assert_null(kith_keyring_find(ring, "k-h"));
    assert_null(kith_keyring_find(ring, ""));
    assert_ptr_equal(kith_keyring_current(ring), &ring->keys[1]);
    kith_keyring_t none = {0};
    assert_null(kith_keyring_current(&none));
    none = (kith_keyring_t){.count = 1, .keys = {{"k", {1}, KITH_KEY_RETIRED}}};
    assert_null(kith_keyring_current(&none));
}

static void the_first_clause_that_covers_all_three_permits(void **state)
{
    (void)state;
    const kith_agreement_t *a = &AGREEMENT;
    assert_ptr_equal(kith_agreement_permits(a, "police", "housing", "event"), &clauses[0]);
    assert_ptr_equal(kith_agreement_permits(a, "police", "social-care", "event"), &clauses[0]);
    assert_ptr_equal(kith_agreement_permits(a, "housing", "social-care", "alert"), &clauses[1]);
    assert_ptr_equal(kith_agreement_permits(a, "housing", "police", "directory"), &clauses[2]);
    assert_null(kith_agreement_permits(a, "housing", "police", "event"));
    assert_null(kith_agreement_permits(a, "police", "housing", "alert"));
    assert_null(kith_agreement_permits(a, "police", "housing", "household"));
    assert_false(kith_clause_covers(&clauses[3], "police", "housing", "event"));
    assert_true(kith_clause_covers(&clauses[2], "anyone", "anyone-else", "directory"));
}

static void who_may_subscribe_is_a_list(void **state)
{
    (void)state;
    assert_true(kith_agreement_may_subscribe(&AGREEMENT, "housing", "police.call-out"));
    assert_true(kith_agreement_may_subscribe(&AGREEMENT, "housing", "housing.arrears"));
    assert_true(kith_agreement_may_subscribe(&AGREEMENT, "social-care", "anything"));
    assert_false(kith_agreement_may_subscribe(&AGREEMENT, "housing", "anything"));
    assert_false(kith_agreement_may_subscribe(&AGREEMENT, "police", "police.call-out"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_found_by_name),
        cmocka_unit_test(only_a_current_key_connects),
        cmocka_unit_test(a_ring_has_every_key_by_name_and_its_current_one),
        cmocka_unit_test(the_first_clause_that_covers_all_three_permits),
        cmocka_unit_test(who_may_subscribe_is_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
