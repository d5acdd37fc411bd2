/* Expiry: a statement to people. The notice stays owed and is delivered marked late. */
#include "agents/core/core_private.h"

static kith_err expire(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       kith_bytes_t notice_id, const char *recipient)
{
    kith_key_t key = record_key_debt(notice_id, recipient);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    if (debt->outcome)
        return KITH_OK;
    Kith__Store__Debt before = *debt;
    debt->expired = true;
    CORE_TRY(record_debt_write(txn, arena, notice_id, recipient, &before, debt));
    if (KITH_BUG(33))
        return KITH_OK; /* nobody is told */
    agent_outcome_t said = {.notice_id = notice_id,
                            .recipient = recipient,
                            .outcome = KITH__OUTCOME__OUTCOME_EXPIRED,
                            .clause = "",
                            .now_ms = self->now_ms};
    self->view_changed = true;
    return self->doors.outcome(self->doors.work, txn, arena, &said);
}

kith_err expiry_tick(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    if (self->clocks_apart && !KITH_BUG(34))
        return KITH_OK; /* a clock that jumped must not expire everything */
    for (size_t i = 0; i < CORE_SEND_MAX; i++) {
        kith_bytes_t key, value;
        kith_err err = kith_next(txn, AGENT_TABLE_EXPIRIES, (kith_bytes_t){0}, (kith_bytes_t){0},
                                 &key, &value);
        self->expires_ms = 0;
        if (err == KITH_NOT_FOUND)
            return KITH_OK;
        CORE_TRY(err);
        kith_bytes_t row = kith_arena_copy(arena, key);
        kith_key_reader_t reader = {row};
        self->expires_ms = kith_key_read_i64(&reader);
        if (self->expires_ms > self->now_ms)
            return KITH_OK;
        kith_bytes_t notice_id = {reader.rest.data, KITH_ID_BYTES};
        reader.rest.data += KITH_ID_BYTES;
        reader.rest.size -= KITH_ID_BYTES;
        CORE_TRY(expire(self, txn, arena, notice_id, kith_key_read_name(&reader)));
        CORE_TRY(kith_del(txn, AGENT_TABLE_EXPIRIES, row));
    }
    return KITH_OK; /* what is left is past its time: expires_ms says so */
}
