#include "io/json_message.h"

#include "base/id.h"
#include "base/limits.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a value stands. Written out only when it is a misfit: a list of thousands would cost as
 * many texts. */
typedef struct place {
    const struct place *above; /* NULL: the whole */
    const char *name;          /* NULL: an element of the list above */
    size_t index;
} place_t;

typedef struct reading {
    kith_arena_t *arena;
    kith_json_misfit_t *misfit;
} reading_t;

/* Appends; what does not fit is cut between two characters. */
static void append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text + used, size - used, format, values);
    va_end(values);
    for (size_t end = strlen(text); !kith_text_utf8(kith_bytes_str(text)); end--)
        text[end] = '\0';
}

static void write_place(const place_t *place, char field[KITH_MISFIT_FIELD_SIZE])
{
    if (place->above == NULL)
        return;
    write_place(place->above, field);
    if (place->name == NULL)
        append(field, KITH_MISFIT_FIELD_SIZE, "[%zu]", place->index);
    else
        append(field, KITH_MISFIT_FIELD_SIZE, "%s%s", *field != '\0' ? "." : "", place->name);
}

static kith_err misfit(reading_t *r, const place_t *place, const char *what)
{
    r->misfit->field[0] = r->misfit->what[0] = '\0';
    write_place(place, r->misfit->field);
    append(r->misfit->what, sizeof r->misfit->what, "%s", what);
    return KITH_INVALID;
}

static kith_err expect(reading_t *r, const place_t *place, const kith_json_t *value,
                       kith_json_kind kind)
{
    kith_json_kind is = kith_json_kind_of(value);
    if (is == kind)
        return KITH_OK;
    misfit(r, place, "must be ");
    append(r->misfit->what, sizeof r->misfit->what, "%s, not %s", kith_json_kind_words(kind),
           kith_json_kind_words(is));
    return KITH_INVALID;
}

/* ---- plain values ---- */

typedef struct range {
    int64_t min;
    uint64_t max;
} range_t;

static range_t range_of(ProtobufCType type)
{
    if (type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32)
        return (range_t){0, UINT32_MAX};
    if (type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64)
        return (range_t){0, UINT64_MAX};
    if (type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_SINT64 ||
        type == PROTOBUF_C_TYPE_SFIXED64)
        return (range_t){INT64_MIN, INT64_MAX};
    return (range_t){INT32_MIN, INT32_MAX};
}

/* *ret_bits: of a negative number its two's complement. */
static bool whole_of_text(const char *text, range_t range, uint64_t *ret_bits)
{
    bool minus = *text == '-';
    size_t digits = strspn(text + minus, "0123456789");
    if (digits == 0 || text[digits + minus] != '\0')
        return false;
    errno = 0;
    if (minus) {
        int64_t number = strtoll(text, NULL, 10);
        *ret_bits = (uint64_t)number;
        return errno == 0 && number >= range.min;
    }
    *ret_bits = strtoull(text, NULL, 10);
    return errno == 0 && *ret_bits <= range.max;
}

static bool whole(const kith_json_t *value, range_t range, uint64_t *ret_bits)
{
    if (kith_json_kind_of(value) == KITH_JSON_STRING)
        return whole_of_text(kith_json_str(value), range, ret_bits);
    if (kith_json_kind_of(value) != KITH_JSON_INT)
        return false;
    int64_t number = kith_json_int(value);
    *ret_bits = (uint64_t)number;
    return number < 0 ? number >= range.min : (uint64_t)number <= range.max;
}

static kith_err read_whole(reading_t *r, const place_t *place, const kith_json_t *value,
                           ProtobufCType type, uint64_t *ret_bits)
{
    range_t range = range_of(type);
    if (whole(value, range, ret_bits))
        return KITH_OK;
    misfit(r, place, "must be a whole number ");
    append(r->misfit->what, sizeof r->misfit->what, "from %" PRId64 " to %" PRIu64, range.min,
           range.max);
    return KITH_INVALID;
}

static kith_err read_time(reading_t *r, const place_t *place, const kith_json_t *value,
                          int64_t *ret_unix_ms)
{
    if (kith_json_kind_of(value) == KITH_JSON_STRING &&
        kith_time_parse(kith_json_str(value), ret_unix_ms) == KITH_OK)
        return KITH_OK;
    return misfit(r, place, "must be a time, as \"2026-03-29T01:00:00Z\"");
}

static kith_err read_enum(reading_t *r, const place_t *place, const ProtobufCEnumDescriptor *type,
                          const kith_json_t *value, int *ret_value)
{
    uint64_t bits = 0;
    if (kith_json_kind_of(value) == KITH_JSON_STRING &&
        kith_enum_value(type, kith_json_str(value), ret_value))
        return KITH_OK;
    if (kith_json_kind_of(value) == KITH_JSON_INT &&
        whole(value, range_of(PROTOBUF_C_TYPE_INT32), &bits)) {
        *ret_value = (int)(int64_t)bits;
        return KITH_OK;
    }
    misfit(r, place, "must be one of:");
    for (unsigned i = 0; i < type->n_values; i++) {
        char word[KITH_WORD_SIZE];
        kith_enum_word(type, type->values[i].value, word);
        if (*word != '\0')
            append(r->misfit->what, sizeof r->misfit->what, " %s", word);
    }
    return KITH_INVALID;
}

static kith_err read_bytes(reading_t *r, const place_t *place, const kith_json_t *value,
                           ProtobufCBinaryData *ret_bytes)
{
    bool is_text = kith_json_kind_of(value) == KITH_JSON_STRING;
    const char *text = is_text ? kith_json_str(value) : "";
    kith_id_t id;
    bool is_id = kith_id_parse(text, &id) == KITH_OK;
    size_t size = is_id ? sizeof id.bytes : strlen(text) / 2;
    uint8_t *data = kith_arena_alloc(r->arena, size + 1);
    if (data == NULL)
        return KITH_LIMIT;
    if (is_id)
        memcpy(data, id.bytes, size);
    else if (!is_text || kith_unhex(text, data, size) != KITH_OK)
        return misfit(r, place, "must be an id, as a UUID, or bytes in hex");
    *ret_bytes = (ProtobufCBinaryData){.len = size, .data = size > 0 ? data : NULL};
    return KITH_OK;
}

static kith_err read_string(reading_t *r, const place_t *place, const kith_json_t *value,
                            char **ret_text)
{
    kith_err err = expect(r, place, value, KITH_JSON_STRING);
    if (err != KITH_OK)
        return err;
    size_t size = strlen(kith_json_str(value)) + 1;
    char *text = kith_arena_alloc(r->arena, size);
    if (text == NULL)
        return KITH_LIMIT;
    memcpy(text, kith_json_str(value), size);
    *ret_text = text;
    return KITH_OK;
}

static kith_err read_bool(reading_t *r, const place_t *place, const kith_json_t *value,
                          protobuf_c_boolean *ret_bool)
{
    kith_err err = expect(r, place, value, KITH_JSON_BOOL);
    if (err == KITH_OK)
        *ret_bool = kith_json_bool(value);
    return err;
}

/* ---- fields ---- */

static kith_err read_message(reading_t *r, const place_t *place,
                             const ProtobufCMessageDescriptor *type, const kith_json_t *value,
                             ProtobufCMessage **ret_message);

/* One value into its place in the struct. */
static kith_err read_value(reading_t *r, const place_t *place,
                           const ProtobufCFieldDescriptor *field, const kith_json_t *value,
                           void *member)
{
    uint64_t bits = 0;
    kith_err err;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        err = read_whole(r, place, value, field->type, &bits);
        *(uint32_t *)member = (uint32_t)bits;
        return err;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        if (kith_json_is_time(field))
            return read_time(r, place, value, member);
        err = read_whole(r, place, value, field->type, &bits);
        *(uint64_t *)member = bits;
        return err;
    case PROTOBUF_C_TYPE_BOOL:
        return read_bool(r, place, value, member);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(r, place, field->descriptor, value, member);
    case PROTOBUF_C_TYPE_STRING:
        return read_string(r, place, value, member);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(r, place, value, member);
    case PROTOBUF_C_TYPE_MESSAGE:
        return read_message(r, place, field->descriptor, value, member);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        break;
    }
    KITH_NEVER("no message of proto/ has a field of this type");
}

/* An empty element is written as null, so that the others keep their places. */
static bool stands_empty(const ProtobufCFieldDescriptor *field, const kith_json_t *value)
{
    return kith_json_kind_of(value) == KITH_JSON_NULL &&
           (field->type == PROTOBUF_C_TYPE_BYTES || field->type == PROTOBUF_C_TYPE_ENUM ||
            kith_json_is_time(field));
}

static kith_err read_list(reading_t *r, const place_t *place, const ProtobufCFieldDescriptor *field,
                          const kith_json_t *value, char *message)
{
    kith_err err = expect(r, place, value, KITH_JSON_LIST);
    if (err != KITH_OK)
        return err;
    size_t count = kith_json_count(value), size = kith_json_element_size(field->type);
    if (count > KITH_REPEATED_MAX)
        return KITH_LIMIT;
    char *items = kith_arena_alloc(r->arena, (count + 1) * size);
    if (items == NULL)
        return KITH_LIMIT;
    for (size_t i = 0; i < count && err == KITH_OK; i++) {
        const kith_json_t *item = kith_json_at(value, i);
        const place_t inner = {.above = place, .index = i};
        if (!stands_empty(field, item))
            err = read_value(r, &inner, field, item, items + i * size);
    }
    *(void **)(void *)(message + field->offset) = items;
    *(size_t *)(void *)(message + field->quantifier_offset) = count;
    return err;
}

static const ProtobufCFieldDescriptor *field_named(const ProtobufCMessageDescriptor *type,
                                                   const char *name)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        char candidate[KITH_JSON_NAME_SIZE];
        kith_json_name(&type->fields[i], candidate);
        if (strcmp(candidate, name) == 0)
            return &type->fields[i];
    }
    return NULL;
}

static kith_err no_such(reading_t *r, const place_t *place, const ProtobufCMessageDescriptor *type)
{
    misfit(r, place, "there is no such member; these are:");
    for (unsigned i = 0; i < type->n_fields; i++) {
        char name[KITH_JSON_NAME_SIZE];
        kith_json_name(&type->fields[i], name);
        append(r->misfit->what, sizeof r->misfit->what, " %s", name);
    }
    return KITH_INVALID;
}

static kith_err read_member(reading_t *r, const place_t *place,
                            const ProtobufCFieldDescriptor *field, const kith_json_t *value,
                            char *message)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return read_list(r, place, field, value, message);
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        uint32_t *chosen = (uint32_t *)(void *)(message + field->quantifier_offset);
        if (*chosen != 0)
            return misfit(r, place, "another member of the same choice is there: give one of them");
        *chosen = field->id;
    }
    return read_value(r, place, field, value, message + field->offset);
}

static kith_err read_message(reading_t *r, const place_t *place,
                             const ProtobufCMessageDescriptor *type, const kith_json_t *value,
                             ProtobufCMessage **ret_message)
{
    kith_err err = expect(r, place, value, KITH_JSON_OBJECT);
    if (err != KITH_OK)
        return err;
    ProtobufCMessage *message = kith_arena_alloc(r->arena, type->sizeof_message);
    if (message == NULL)
        return KITH_LIMIT;
    type->message_init(message);
    void *iter = NULL;
    const char *name;
    const kith_json_t *member;
    while (err == KITH_OK && kith_json_each(value, &iter, &name, &member)) {
        const place_t inner = {.above = place, .name = name};
        const ProtobufCFieldDescriptor *field = field_named(type, name);
        if (field == NULL)
            err = no_such(r, &inner, type);
        else if (kith_json_kind_of(member) != KITH_JSON_NULL)
            err = read_member(r, &inner, field, member, (char *)message);
    }
    if (err == KITH_OK)
        *ret_message = message;
    return err;
}

kith_err kith_json_to_message(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                              const kith_json_t *value, ProtobufCMessage **ret_message,
                              kith_json_misfit_t *ret_misfit)
{
    reading_t r = {.arena = arena, .misfit = ret_misfit};
    const place_t whole_text = {.above = NULL};
    return read_message(&r, &whole_text, type, value, ret_message);
}

/* ---- a query ---- */

kith_err kith_json_put_query(const ProtobufCMessageDescriptor *type, kith_json_t *object,
                             const char *name, const char *text, kith_json_misfit_t *ret_misfit)
{
    reading_t r = {.misfit = ret_misfit};
    const place_t whole_text = {.above = NULL}, place = {.above = &whole_text, .name = name};
    const ProtobufCFieldDescriptor *field = field_named(type, name);
    if (field == NULL)
        return no_such(&r, &place, type);
    if (field->label == PROTOBUF_C_LABEL_REPEATED || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return misfit(&r, &place, "is no plain value: send it in the body of a POST");
    if (kith_json_get(object, name) != NULL)
        return misfit(&r, &place, "stands here twice: give it once");
    if (field->type != PROTOBUF_C_TYPE_BOOL)
        kith_json_put_str(object, name, text);
    else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        kith_json_put_bool(object, name, *text == 't');
    else
        return misfit(&r, &place, "must be true or false");
    return KITH_OK;
}
