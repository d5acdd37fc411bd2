/* Who may connect; and that the broker does not start when a stranger could. */
#include "broker/broker_door.h"
#include "broker/self_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the decision ---- */

typedef struct bench {
    kith_agreement_t agreement;
    kith_agency_t agencies[2];
} bench_t;

static void begin_bench(bench_t *b)
{
    memset(b, 0, sizeof *b);
    b->agreement.agencies = b->agencies;
    b->agreement.agencies_count = 2;
    b->agencies[0].id = "police";
    b->agencies[1].id = "a-name-of-forty-eight-characters-the-longest-one";
    assert_int_equal(strlen(b->agencies[1].id), KITH_NAME_MAX);
    for (uint8_t i = 0; i < 2; i++) {
        kith_keyring_t *ring = &b->agencies[i].transport;
        ring->count = 3;
        for (uint8_t k = 0; k < 3; k++) {
            ring->keys[k].state = (kith_key_state)k; /* current, retired, revoked */
            memset(ring->keys[k].key, 10 * i + k, 32);
            (void)snprintf(ring->keys[k].name, KITH_KEY_NAME_SIZE, "%u%u23456789abcdef", i, k);
        }
    }
}

static zap_verdict decide_of(const bench_t *b, uint8_t key, char ret_user[DOOR_USER_BYTES])
{
    uint8_t bytes[32];
    memset(bytes, key, sizeof bytes);
    return door_decide(&b->agreement, bytes, ret_user);
}

static void a_current_key_comes_in_under_agency_and_key(void **state)
{
    (void)state;
    bench_t b;
    begin_bench(&b);
    char user[DOOR_USER_BYTES];
    door_user_t read;
    assert_int_equal(decide_of(&b, 0, user), ZAP_ADMIT);
    assert_string_equal(user, "police/0023456789abcd");
    assert_int_equal(door_read_user(user, &read), KITH_OK);
    assert_string_equal(read.agency, "police");
    assert_string_equal(read.key, "0023456789abcd");
    assert_int_equal(decide_of(&b, 10, user), ZAP_ADMIT);
    assert_int_equal(door_read_user(user, &read), KITH_OK);
    assert_string_equal(read.agency, b.agencies[1].id);
    assert_string_equal(read.key, "1023456789abcd");
}

static void retired_revoked_and_left_are_denied_the_unknown_waits(void **state)
{
    (void)state;
    bench_t b;
    begin_bench(&b);
    char user[DOOR_USER_BYTES];
    assert_int_equal(decide_of(&b, 1, user), ZAP_DENY);
    assert_int_equal(decide_of(&b, 2, user), ZAP_DENY);
    assert_int_equal(decide_of(&b, 99, user), ZAP_NOT_YET);
    b.agencies[0].left = true;
    assert_int_equal(decide_of(&b, 0, user), ZAP_DENY);
}

static void a_user_that_is_none_of_ours_is_nobody(void **state)
{
    (void)state;
    const char *wrong[] = {"",
                           "police",
                           "police/",
                           "/0023456789abcd",
                           "police/short",
                           "police/0023456789abcdX",
                           "a-name-of-forty-nine-characters-is-one-too-many-x/0023456789abcd"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        door_user_t read;
        assert_int_equal(door_read_user(wrong[i], &read), KITH_INVALID);
    }
}

/* ---- the self-test, on real sockets ---- */

typedef struct house {
    self_test_t self_test;
    zap_verdict verdict;
    bool blind; /* the door does not tell what it saw */
    unsigned asked;
} house_t;

static zap_verdict decide(void *ctx, const uint8_t key[32], char ret_user[64])
{
    house_t *house = ctx;
    (void)snprintf(ret_user, 64, "anybody");
    /* an agent of another test may still dial a port that was its broker's */
    house->asked += memcmp(key, house->self_test.key, sizeof house->self_test.key) == 0;
    return house->blind ? house->verdict : self_test_saw(&house->self_test, key, house->verdict);
}

static kith_err tested(house_t *house, bool with_door)
{
    assert_int_equal(keys_begin(), KITH_OK);
    kith_keys_t *keys = keys_of_nobody();
    link_context_t *context = link_context_new();
    kith_zap_t *zap = NULL;
    link_server_t *server = NULL;
    char endpoint[128];
    assert_int_equal(zap_new(context, decide, house, &zap), KITH_OK);
    assert_int_equal(link_server_curve(context, keys, "tcp://127.0.0.1:*", 10, &server, endpoint),
                     KITH_OK);
    kith_err err = self_test_run(&house->self_test, context, keys, zap,
                                 with_door ? endpoint : "tcp://127.0.0.1:1"); /* nobody's */
    link_server_destroy(&server);
    zap_destroy(&zap);
    link_context_destroy(&context);
    keys_destroy(&keys);
    return err;
}

static void the_test_passes_when_the_stranger_is_turned_away(void **state)
{
    (void)state;
    house_t house = {.verdict = ZAP_NOT_YET};
    assert_int_equal(tested(&house, true), KITH_OK);
    assert_true(house.asked >= 1);
    house = (house_t){.verdict = ZAP_DENY};
    assert_int_equal(tested(&house, true), KITH_OK);
    assert_false(house.self_test.running);
}

static void the_test_fails_when_anybody_is_let_in(void **state)
{
    (void)state;
    house_t house = {.verdict = ZAP_ADMIT};
    assert_int_equal(tested(&house, true), KITH_DENIED);
}

static void the_test_fails_when_it_was_not_our_door_that_refused(void **state)
{
    (void)state;
    house_t house = {.verdict = ZAP_DENY, .blind = true};
    assert_int_equal(tested(&house, true), KITH_IO);
    house = (house_t){.verdict = ZAP_DENY};
    assert_int_equal(tested(&house, false), KITH_IO);
    assert_int_equal(house.asked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_current_key_comes_in_under_agency_and_key),
        cmocka_unit_test(retired_revoked_and_left_are_denied_the_unknown_waits),
        cmocka_unit_test(a_user_that_is_none_of_ours_is_nobody),
        cmocka_unit_test(the_test_passes_when_the_stranger_is_turned_away),
        cmocka_unit_test(the_test_fails_when_anybody_is_let_in),
        cmocka_unit_test(the_test_fails_when_it_was_not_our_door_that_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
