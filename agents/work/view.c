/* The view's rows by name: one function a table reads, one writes; numbers, walks, words, lines. */
#include "agents/work/parts.h"

#include "base/text.h"

#include <stdio.h>

/* kith_get_record's void **, without lying about the type of the caller's pointer. */
static kith_err find(const work_ctx_t *at, int table, kith_bytes_t key,
                     const ProtobufCMessageDescriptor *type, void **ret_row)
{
    void *row = NULL;
    kith_err err = kith_get_record(at->txn, table, key, at->arena, type, &row);
    if (err != KITH_OK && err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_row = row;
    return KITH_OK;
}

#define X(name, table, type, prefix)                                                               \
    kith_err view_find_##name(const work_ctx_t *at, kith_bytes_t key, type **ret_row)              \
    {                                                                                              \
        void *row = NULL;                                                                          \
        WORK_TRY(find(at, AGENT_TABLE_##table, key, &prefix##__descriptor, &row));                 \
        *ret_row = row;                                                                            \
        return KITH_OK;                                                                            \
    }                                                                                              \
    kith_err view_put_##name(const work_ctx_t *at, kith_bytes_t key, const type *row)              \
    {                                                                                              \
        return kith_put_record(at->txn, AGENT_TABLE_##table, key, at->arena, row);                 \
    }
VIEW_RECORDS(X)
#undef X

kith_err view_find_notice(const work_ctx_t *at, kith_bytes_t id, Kith__Notice **ret_notice)
{
    void *found = NULL;
    WORK_TRY(find(at, AGENT_TABLE_NOTICES, id, &kith__store__stored_notice__descriptor, &found));
    if (found == NULL) {
        *ret_notice = NULL;
        return KITH_OK;
    }
    const Kith__Store__StoredNotice *stored = found;
    const char *field = NULL;
    void *notice =
        kith_message_unpack(at->arena, &kith__notice__descriptor, bytes_of(stored->notice), &field);
    if (notice == NULL) {
        return kith_arena_room(at->arena) < kith_message_budget(stored->notice.len) ? KITH_LIMIT
                                                                                    : KITH_CORRUPT;
    }
    *ret_notice = notice;
    return KITH_OK;
}

bool view_has(const work_ctx_t *at, int table, kith_bytes_t key, kith_err *ret_err)
{
    kith_bytes_t value;
    kith_err err = key.size > 0 ? kith_get(at->txn, table, key, &value) : KITH_NOT_FOUND;
    *ret_err = err == KITH_NOT_FOUND ? KITH_OK : err;
    return err == KITH_OK;
}

/* ---- keys ---- */

kith_key_t view_key_name(const char *name)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, name);
    return key;
}

kith_key_t view_key_seq(uint64_t seq)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, seq);
    return key;
}

kith_key_t view_key_seen(kith_bytes_t notice, const char *agency)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, notice);
    kith_key_name(&key, agency);
    return key;
}

/* ---- numbers ---- */

kith_err view_number(const work_ctx_t *at, const char *name, uint64_t *ret_number)
{
    kith_key_t key = view_key_name(name);
    kith_bytes_t value;
    kith_err err = kith_get(at->txn, AGENT_TABLE_SEQUENCES, kith_key_bytes(&key), &value);
    if (err == KITH_NOT_FOUND) {
        *ret_number = 0;
        return KITH_OK;
    }
    WORK_TRY(err);
    if (value.size != sizeof(uint64_t)) {
        return KITH_CORRUPT;
    }
    *ret_number = kith_key_read_u64(&(kith_key_reader_t){value});
    return KITH_OK;
}

static kith_err set_number(const work_ctx_t *at, const char *name, uint64_t number)
{
    kith_key_t key = view_key_name(name), value = view_key_seq(number);
    return kith_put(at->txn, AGENT_TABLE_SEQUENCES, kith_key_bytes(&key), kith_key_bytes(&value));
}

kith_err view_count(const work_ctx_t *at, const char *name, int64_t more)
{
    uint64_t number = 0;
    WORK_TRY(view_number(at, name, &number));
    if (more < 0 && number < (uint64_t)-more) {
        return KITH_CORRUPT;
    }
    return set_number(at, name, number + (uint64_t)more);
}

kith_err view_next_seq(const work_ctx_t *at, const char *name, uint64_t *ret_seq)
{
    uint64_t number = 0;
    WORK_TRY(view_number(at, name, &number));
    WORK_TRY(set_number(at, name, number + 1));
    *ret_seq = number + 1;
    return KITH_OK;
}

/* ---- walks ---- */

view_walk_t view_walk(int table, kith_bytes_t prefix, kith_bytes_t after)
{
    view_walk_t walk = {.table = table};
    kith_key_raw(&walk.prefix, prefix);
    kith_key_raw(&walk.place, after);
    return walk;
}

kith_err view_walk_next(const work_ctx_t *at, view_walk_t *walk, kith_bytes_t *ret_value)
{
    kith_bytes_t key, value;
    WORK_TRY(kith_next(at->txn, walk->table, kith_key_bytes(&walk->prefix),
                       kith_key_bytes(&walk->place), &key, &value));
    kith_key_clear(&walk->place);
    kith_key_raw(&walk->place, key);
    *ret_value = value;
    return KITH_OK;
}

/* ---- words and lines ---- */

const char *word_of(kith_arena_t *arena, const ProtobufCEnumDescriptor *type, const char *prefix,
                    int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    if (found == NULL) {
        return "newer";
    }
    size_t skip = strlen(prefix);
    char *word =
        kith_arena_str(arena, found->name + (strncmp(found->name, prefix, skip) == 0 ? skip : 0));
    for (char *c = word; *c != '\0'; c++) {
        if (*c == '_') {
            *c = '-';
        } else if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
    return word;
}

/* Bytes of the character that begins here; the text is valid UTF-8. */
static size_t character_size(const char *text)
{
    unsigned char first = (unsigned char)text[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < size; i++) {
        if (text[i] == '\0') {
            return i;
        }
    }
    return size;
}

/* C0, DEL, C1, and the line and paragraph separators and text-direction marks that would let one
 * line look like two, or like another. */
static bool is_control(const char *c, size_t size)
{
    const unsigned char *u = (const unsigned char *)c;
    if (size == 1) {
        return u[0] < 0x20 || u[0] == 0x7f;
    }
    if (size == 2) {
        return u[0] == 0xc2 && u[1] < 0xa0;
    }
    bool marks = u[1] == 0x80 && ((u[2] >= 0xa8 && u[2] <= 0xae) || u[2] == 0x8e || u[2] == 0x8f);
    bool isolates = u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9;
    return size == 3 && u[0] == 0xe2 && (marks || isolates);
}

void line_add(line_t *line, const char *text)
{
    static const char cut[] = "…";
    size_t size = 0;
    for (const char *c = text != NULL ? text : ""; *c != '\0' && !line->full; c += size) {
        size = character_size(c);
        bool control = is_control(c, size);
        size_t more = control ? 1 : size;
        if (line->size + more > LINE_BYTES_MAX) {
            memcpy(line->text + line->size, cut, sizeof cut - 1);
            line->size += sizeof cut - 1;
            line->full = true;
            return;
        }
        memcpy(line->text + line->size, control ? " " : c, more);
        line->size += more;
    }
}

char *line_text(kith_arena_t *arena, const line_t *line)
{
    return kith_arena_printf(arena, "%.*s", (int)line->size, line->text);
}
