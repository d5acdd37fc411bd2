/* What is known of one (notice, recipient), in the words of the promise. */
#include "agents/api/api_private.h"

/* No outcome yet, whatever has been said to people. A broker's refusal is shown at once, though it
 * is final only when the number's void has its receipt. */
static const char *owed_word(const Kith__Store__Debt *debt)
{
    if (debt->refused)
        return "refused";
    if (debt->expired)
        return "expired";
    return *debt->broker ? "at the hub" : "stored here";
}

static const char *word(const Kith__Store__Debt *debt)
{
    switch (debt->outcome) {
    case KITH__OUTCOME__OUTCOME_DELIVERED:
    case KITH__OUTCOME__OUTCOME_REPEAT:
        return "delivered";
    case KITH__OUTCOME__OUTCOME_DELIVERED_LATE:
        return "delivered late";
    case KITH__OUTCOME__OUTCOME_REFUSED:
        return "refused";
    case KITH__OUTCOME__OUTCOME_QUARANTINED:
        return "quarantined";
    case KITH__OUTCOME__OUTCOME_EXPIRED:
        return "expired";
    case KITH__OUTCOME__OUTCOME_UNSPECIFIED:
    case KITH__OUTCOME__OUTCOME_VOIDED: /* of a number, never of a debt */
    case _KITH__OUTCOME_IS_INT_SIZE:
        break;
    }
    return owed_word(debt);
}

static kith_err add_seen(api_call_t *call, kith_bytes_t key, Kith__Api__RecipientState *state)
{
    void *found = NULL;
    kith_err err = kith_get_record(call->turn->txn, AGENT_TABLE_SEEN, key, call->turn->arena,
                                   &kith__store__seen_row__descriptor, &found);
    if (err == KITH_NOT_FOUND)
        return KITH_OK;
    if (err != KITH_OK)
        return err;
    const Kith__Store__SeenRow *seen = found;
    state->state = api_text("seen");
    state->seen_by = seen->person;
    state->seen_ms = seen->seen_ms;
    return KITH_OK;
}

static kith_err fill(api_call_t *call, kith_bytes_t notice_id, const char *recipient,
                     const Kith__Store__Debt *debt, Kith__Api__RecipientState **ret_state)
{
    Kith__Api__RecipientState *state = NULL;
    API_MAKE(call, state, kith__api__recipient_state__init);
    state->agency = kith_arena_str(call->turn->arena, recipient);
    state->state = api_text(word(debt));
    state->reason = debt->reason;
    state->clause = debt->clause;
    state->since_ms = debt->outcome ? debt->outcome_ms : debt->since_ms;
    state->broker = debt->broker;
    kith_key_t key = record_key_debt(notice_id, recipient); /* the seen row has the same key */
    API_TRY(add_seen(call, kith_key_bytes(&key), state));
    *ret_state = state;
    return KITH_OK;
}

kith_err api_delivery(api_call_t *call, kith_bytes_t notice_id, const char *recipient,
                      Kith__Api__RecipientState **ret_state)
{
    kith_key_t key = record_key_debt(notice_id, recipient);
    Kith__Store__Debt *debt = NULL;
    API_TRY(record_get_debt(call->turn->txn, call->turn->arena, kith_key_bytes(&key), &debt));
    return fill(call, notice_id, recipient, debt, ret_state);
}

kith_err api_deliveries(api_call_t *call, kith_bytes_t notice_id, size_t *ret_count,
                        Kith__Api__RecipientState ***ret_states)
{
    kith_txn_t *txn = call->turn->txn;
    kith_arena_t *arena = call->turn->arena;
    Kith__Api__RecipientState **states = kith_arena_need(arena, KITH_AGENCIES_MAX * sizeof *states);
    size_t count = 0;
    kith_key_t at = {0};
    while (count < KITH_AGENCIES_MAX) {
        kith_bytes_t key = {0}, value = {0};
        kith_err err =
            kith_next(txn, AGENT_TABLE_DEBTS, notice_id, kith_key_bytes(&at), &key, &value);
        if (err == KITH_NOT_FOUND)
            break;
        if (err != KITH_OK)
            return err;
        kith_key_clear(&at);
        kith_key_raw(&at, key);
        kith_key_reader_t reader = {.rest = kith_key_bytes(&at)};
        reader.rest.data += notice_id.size;
        reader.rest.size -= notice_id.size;
        const char *recipient = kith_key_read_name(&reader);
        API_TRY(api_delivery(call, notice_id, recipient, &states[count]));
        count++;
    }
    *ret_count = count;
    *ret_states = states;
    return KITH_OK;
}
