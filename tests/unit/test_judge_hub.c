/* The judge on what waits at a hub for an agency that is away: said to be there, it is there. */
#include "judge_rows.h"

static void put_hub_meta(judge_t *judge, uint8_t epoch)
{
    Kith__Store__BrokerMeta meta = KITH__STORE__BROKER_META__INIT;
    uint8_t store[16] = {epoch};
    row_key_t key = {0};
    add_name(&key, "meta");
    meta.store_epoch = binary(store, sizeof store);
    put(judge, "hub-a", "meta", key, &meta);
}

static void put_waiting(judge_t *judge, uint32_t kind, const char *recipient)
{
    Kith__Store__MailboxRow row = KITH__STORE__MAILBOX_ROW__INIT;
    uint8_t digest[32] = {7};
    row_key_t key = {0}, body = {0};
    add_name(&key, recipient);
    add_number(&key, 1, 1);
    add_number(&key, 1, 8);
    add_number(&body, 5, 8);
    row.kind = kind;
    row.body = 5;
    row.digest = binary(digest, sizeof digest);
    put(judge, "hub-a", "rows", key, &row);
    put(judge, "hub-a", "bodies", body, NULL);
}

static judge_t *make_away(uint8_t hub_epoch)
{
    judge_t *judge = judge_new();
    put_meta(judge, "police");
    put_meta(judge, "health");
    judge_away(judge, "health");
    put_slot(judge, "health", 3);
    put_hub_meta(judge, hub_epoch);
    return judge;
}

static void must_end(judge_t *judge, const char *invariants)
{
    found_t found = {0};
    (void)judge_end(judge, keep, &found);
    if (strcmp(found.invariants, invariants) != 0)
        fail_msg("expected '%s': %s", invariants, found.text);
    judge_destroy(&judge);
}

static void what_a_hub_had_and_has_no_more_is_found(void **state)
{
    (void)state;
    must_end(make_away(3), "I7 ");
    judge_t *judge = make_away(3);
    put_waiting(judge, 1, "somebody-else");
    must_end(judge, "I7 ");
    judge = make_away(3);
    put_waiting(judge, 1, "health");
    must_end(judge, "");
}

static void what_a_hub_had_before_its_store_was_lost_is_not_asked_for(void **state)
{
    (void)state;
    must_end(make_away(4), "");
}

static void what_has_gone_on_from_a_hub_is_not_asked_for(void **state)
{
    (void)state;
    judge_t *judge = make_away(3);
    put(judge, "health", "parked", in_key(1), NULL);
    must_end(judge, "");
    judge = make_away(3);
    put_waiting(judge, 3, "police"); /* its refusal is on the way */
    must_end(judge, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_hub_had_and_has_no_more_is_found),
        cmocka_unit_test(what_a_hub_had_before_its_store_was_lost_is_not_asked_for),
        cmocka_unit_test(what_has_gone_on_from_a_hub_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
