/* Which thing does a short id mean? People read the last twelve digits off a screen. */
#include "agents/api/api_private.h"

#include "base/id.h"

/* The digits as ids are written: lower case. NULL: not the end of an id. */
static const char *digits(api_call_t *call, const char *short_id)
{
    size_t size = strlen(short_id);
    if (size < API_SHORT_MIN || size >= KITH_ID_TEXT_SIZE)
        return NULL;
    char *text = kith_arena_need(call->turn->arena, size + 1);
    for (size_t i = 0; i < size; i++) {
        char c = short_id[i];
        text[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
        bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (!hex && text[i] != '-')
            return NULL;
    }
    return text;
}

/* Scans newest first, since ids sort by time. *ret_found: how many fit, at most two. */
static kith_err scan(api_call_t *call, int table, const char *text, kith_bytes_t *ret_id,
                     size_t *ret_found)
{
    kith_txn_t *txn = call->turn->txn;
    size_t size = strlen(text), found = 0;
    kith_id_t at = {0};
    kith_bytes_t before = {0};
    for (size_t rows = 0; rows < API_SCAN_MAX && found < 2; rows++) {
        kith_bytes_t key = {0}, value = {0};
        kith_err err = kith_prev(txn, table, (kith_bytes_t){0}, before, &key, &value);
        if (err == KITH_NOT_FOUND)
            break;
        if (err != KITH_OK)
            return err;
        if (key.size != sizeof at.bytes)
            return KITH_CORRUPT;
        memcpy(at.bytes, key.data, sizeof at.bytes);
        before = kith_id_bytes(&at);
        char whole[KITH_ID_TEXT_SIZE];
        kith_id_text(before, whole);
        if (strcmp(whole + strlen(whole) - size, text) != 0)
            continue;
        if (found++ == 0)
            *ret_id = kith_arena_copy(call->turn->arena, before);
    }
    *ret_found = found;
    return KITH_OK;
}

static bool not_found(api_call_t *call, const char *what)
{
    api_refuse(call, KITH__API__STATUS__STATUS_NOT_FOUND, "id", what);
    return false;
}

static bool find_whole(api_call_t *call, int table, const char *thing, kith_bytes_t id,
                       kith_bytes_t *ret_id, kith_err *ret_err)
{
    kith_bytes_t value = {0};
    kith_err err =
        id.size == KITH_ID_BYTES ? kith_get(call->turn->txn, table, id, &value) : KITH_NOT_FOUND;
    if (err == KITH_NOT_FOUND)
        return not_found(call,
                         kith_arena_printf(call->turn->arena, "no %s here has this id", thing));
    *ret_id = id;
    *ret_err = err;
    return err == KITH_OK;
}

bool api_find(api_call_t *call, int table, const char *thing, ProtobufCBinaryData id,
              const char *short_id, kith_bytes_t *ret_id, kith_err *ret_err)
{
    *ret_err = KITH_OK;
    if (id.len > 0)
        return find_whole(call, table, thing, record_bytes(id), ret_id, ret_err);
    const char *text = digits(call, short_id);
    if (!text) {
        api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "id",
                   kith_arena_printf(call->turn->arena,
                                     "an id is 16 bytes, or the last %u or more characters of its "
                                     "text",
                                     API_SHORT_MIN));
        return false;
    }
    kith_id_t whole;
    if (kith_id_parse(text, &whole) == KITH_OK)
        return find_whole(call, table, thing,
                          kith_arena_copy(call->turn->arena, kith_id_bytes(&whole)), ret_id,
                          ret_err);
    size_t found = 0;
    *ret_err = scan(call, table, text, ret_id, &found);
    if (*ret_err != KITH_OK)
        return false;
    if (found == 0)
        return not_found(call, kith_arena_printf(call->turn->arena,
                                                 "no %s here has this id (a short one is looked "
                                                 "for among the newest %u): give the whole id",
                                                 thing, API_SCAN_MAX));
    if (found > 1)
        api_refuse(call, KITH__API__STATUS__STATUS_AMBIGUOUS, "id",
                   "this short id fits several: give more of it");
    return found == 1;
}
