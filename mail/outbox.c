#include "mail/outbox.h"

#include "base/key.h"
#include "base/limits.h"

#include <string.h>

#define OUT_NUMBER "out"
#define TIDY_MAX   256u

#define TRY(call)                                                                                  \
    do {                                                                                           \
        kith_err try_err = (call);                                                                 \
        if (try_err != KITH_OK)                                                                    \
            return try_err;                                                                        \
    } while (0)

static kith_key_t key_number(uint64_t number)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, number);
    return key;
}

static kith_key_t key_due(int64_t ms, uint64_t number)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_i64(&key, ms);
    kith_key_u64(&key, number);
    return key;
}

static kith_key_t key_of(const char *address, const char *occasion)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, address);
    kith_key_name(&key, occasion);
    return key;
}

static kith_err put_empty(kith_txn_t *txn, int table, const kith_key_t *key)
{
    return kith_put(txn, table, kith_key_bytes(key), (kith_bytes_t){0});
}

static kith_err put(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                    const Kith__Store__OutMail *row)
{
    kith_key_t key = key_number(number);
    return kith_put_record(txn, MAIL_TABLE_OUT, kith_key_bytes(&key), arena, row);
}

/* ---- numbers ---- */

kith_err outbox_cursor(kith_txn_t *txn, const char *name, uint64_t *ret_number)
{
    kith_key_t key;
    kith_bytes_t value;
    kith_key_clear(&key);
    kith_key_name(&key, name);
    TRY(kith_get(txn, MAIL_TABLE_NUMBERS, kith_key_bytes(&key), &value));
    if (value.size != sizeof(uint64_t))
        return KITH_CORRUPT;
    *ret_number = kith_key_read_u64(&(kith_key_reader_t){value});
    return KITH_OK;
}

kith_err outbox_cursor_put(kith_txn_t *txn, const char *name, uint64_t number)
{
    kith_key_t key, value = key_number(number);
    kith_key_clear(&key);
    kith_key_name(&key, name);
    return kith_put(txn, MAIL_TABLE_NUMBERS, kith_key_bytes(&key), kith_key_bytes(&value));
}

kith_err outbox_has(kith_txn_t *txn, const char *address, const char *occasion, bool *ret_has)
{
    kith_key_t key = key_of(address, occasion);
    kith_bytes_t value;
    kith_err err = kith_get(txn, MAIL_TABLE_OUT_OF, kith_key_bytes(&key), &value);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    *ret_has = err == KITH_OK;
    return KITH_OK;
}

kith_err outbox_number(kith_txn_t *txn, const char *address, const char *occasion,
                       uint64_t *ret_number)
{
    bool has = false;
    uint64_t last = 0;
    TRY(outbox_has(txn, address, occasion, &has));
    if (has)
        return KITH_EXISTS;
    kith_err err = outbox_cursor(txn, OUT_NUMBER, &last);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    TRY(outbox_cursor_put(txn, OUT_NUMBER, last + 1));
    *ret_number = last + 1;
    return KITH_OK;
}

/* ---- rows ---- */

kith_err outbox_add(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                    Kith__Store__OutMail *row, int64_t now_ms)
{
    kith_key_t of = key_of(row->to, row->occasion), due = key_due(now_ms, number),
               value = key_number(number);
    row->made_ms = now_ms;
    row->next_ms = now_ms;
    TRY(kith_put(txn, MAIL_TABLE_OUT_OF, kith_key_bytes(&of), kith_key_bytes(&value)));
    TRY(put_empty(txn, MAIL_TABLE_OUT_DUE, &due));
    return put(txn, arena, number, row);
}

kith_err outbox_get(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                    Kith__Store__OutMail **ret_row)
{
    kith_key_t key = key_number(number);
    void *row = NULL;
    TRY(kith_get_record(txn, MAIL_TABLE_OUT, kith_key_bytes(&key), arena,
                        &kith__store__out_mail__descriptor, &row));
    *ret_row = row;
    return KITH_OK;
}

kith_err outbox_due(kith_txn_t *txn, int64_t now_ms, outbox_place_t *place, int64_t *ret_next_ms)
{
    kith_key_t after = key_due(place->ms, place->number);
    kith_bytes_t key, value;
    bool begun = place->number != 0;
    *ret_next_ms = INT64_MAX;
    TRY(kith_next(txn, MAIL_TABLE_OUT_DUE, (kith_bytes_t){0},
                  begun ? kith_key_bytes(&after) : (kith_bytes_t){0}, &key, &value));
    kith_key_reader_t reader = {key};
    outbox_place_t at = {.ms = kith_key_read_i64(&reader)};
    at.number = kith_key_read_u64(&reader);
    if (at.ms > now_ms) {
        *ret_next_ms = at.ms;
        return KITH_NOT_FOUND;
    }
    *place = at;
    return KITH_OK;
}

/* ---- what came of it ---- */

/* Out of the index of what is due. KITH_NOT_FOUND: it has ended, or never was. */
static kith_err take_due(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                         Kith__Store__OutMail **ret_row)
{
    Kith__Store__OutMail *row = NULL;
    TRY(outbox_get(txn, arena, number, &row));
    if (row->next_ms == 0)
        return KITH_NOT_FOUND;
    kith_key_t due = key_due(row->next_ms, number);
    TRY(kith_del(txn, MAIL_TABLE_OUT_DUE, kith_key_bytes(&due)));
    row->next_ms = 0;
    row->tries++;
    *ret_row = row;
    return KITH_OK;
}

static kith_err fail(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                     Kith__Store__OutMail *row, const char *failed)
{
    kith_key_t key = key_number(number);
    row->failed = (char *)(uintptr_t)failed;
    TRY(put_empty(txn, MAIL_TABLE_OUT_FAILED, &key));
    return put(txn, arena, number, row);
}

static kith_err ended_is_fine(kith_err err)
{
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err outbox_sent(kith_txn_t *txn, kith_arena_t *arena, uint64_t number, int64_t now_ms)
{
    Kith__Store__OutMail *row = NULL;
    kith_err err = take_due(txn, arena, number, &row);
    if (err != KITH_OK)
        return ended_is_fine(err);
    row->sent_ms = now_ms;
    return put(txn, arena, number, row);
}

kith_err outbox_refused(kith_txn_t *txn, kith_arena_t *arena, uint64_t number, uint32_t code,
                        const char *why)
{
    Kith__Store__OutMail *row = NULL;
    kith_err err = take_due(txn, arena, number, &row);
    if (err != KITH_OK)
        return ended_is_fine(err);
    row->code = code;
    row->why = (char *)(uintptr_t)why;
    return fail(txn, arena, number, row, "refused");
}

static int64_t pause_ms(const mail_smtp_t *smtp, uint32_t tries)
{
    int64_t ms = smtp->first_ms;
    for (uint32_t i = 1; i < tries && ms < smtp->max_ms; i++)
        ms *= 2;
    return ms < smtp->max_ms ? ms : smtp->max_ms;
}

kith_err outbox_later(kith_txn_t *txn, kith_arena_t *arena, const mail_smtp_t *smtp,
                      uint64_t number, uint32_t code, const char *why, int64_t now_ms)
{
    Kith__Store__OutMail *row = NULL;
    kith_err err = take_due(txn, arena, number, &row);
    if (err != KITH_OK)
        return ended_is_fine(err);
    row->code = code;
    row->why = (char *)(uintptr_t)why;
    if (now_ms - row->made_ms >= smtp->give_up_ms)
        return fail(txn, arena, number, row, "given-up");
    row->next_ms = now_ms + pause_ms(smtp, row->tries);
    kith_key_t due = key_due(row->next_ms, number);
    TRY(put_empty(txn, MAIL_TABLE_OUT_DUE, &due));
    return put(txn, arena, number, row);
}

kith_err outbox_came_back(kith_txn_t *txn, kith_arena_t *arena, uint64_t number, const char *why)
{
    Kith__Store__OutMail *row = NULL;
    TRY(outbox_get(txn, arena, number, &row));
    if (*row->failed != '\0')
        return KITH_OK;                                /* told, or about to be */
    kith_err err = take_due(txn, arena, number, &row); /* a server that bounces before its answer */
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    return fail(txn, arena, number, row, why);
}

/* ---- who is to be told ---- */

kith_err outbox_untold(kith_txn_t *txn, kith_arena_t *arena, uint64_t *ret_number,
                       Kith__Store__OutMail **ret_row)
{
    kith_bytes_t key, value;
    TRY(kith_next(txn, MAIL_TABLE_OUT_FAILED, (kith_bytes_t){0}, (kith_bytes_t){0}, &key, &value));
    uint64_t number = kith_key_read_u64(&(kith_key_reader_t){key});
    kith_err err = outbox_get(txn, arena, number, ret_row);
    if (err == KITH_OK)
        *ret_number = number;
    return err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
}

kith_err outbox_told(kith_txn_t *txn, uint64_t number)
{
    kith_key_t key = key_number(number);
    return ended_is_fine(kith_del(txn, MAIL_TABLE_OUT_FAILED, kith_key_bytes(&key)));
}

/* ---- what is old ---- */

static kith_err forget(kith_txn_t *txn, uint64_t number, const Kith__Store__OutMail *row)
{
    kith_key_t key = key_number(number), of = key_of(row->to, row->occasion);
    TRY(kith_del(txn, MAIL_TABLE_OUT, kith_key_bytes(&key)));
    return ended_is_fine(kith_del(txn, MAIL_TABLE_OUT_OF, kith_key_bytes(&of)));
}

kith_err outbox_tidy(kith_txn_t *txn, kith_arena_t *arena, int64_t before_ms)
{
    kith_key_t after = key_number(0);
    for (size_t i = 0; i < TIDY_MAX; i++) {
        kith_bytes_t key, value;
        Kith__Store__OutMail *row = NULL;
        kith_err err =
            kith_next(txn, MAIL_TABLE_OUT, (kith_bytes_t){0}, kith_key_bytes(&after), &key, &value);
        if (err != KITH_OK)
            return ended_is_fine(err);
        uint64_t number = kith_key_read_u64(&(kith_key_reader_t){key});
        after = key_number(number);
        TRY(outbox_get(txn, arena, number, &row));
        if (row->made_ms >= before_ms)
            return KITH_OK; /* numbers rise with time */
        kith_bytes_t untold;
        err = kith_get(txn, MAIL_TABLE_OUT_FAILED, kith_key_bytes(&after), &untold);
        if (err != KITH_OK && err != KITH_NOT_FOUND)
            return err;
        if (row->next_ms == 0 && err == KITH_NOT_FOUND)
            TRY(forget(txn, number, row));
    }
    return KITH_OK;
}
