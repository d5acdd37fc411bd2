/* Messages from outside: walked in their encoded form first, then unpacked, then checked.
 *
 * protobuf-c allocates what the bytes ask for and keeps strings as C strings. So the walk sees what
 * would be lost or would already have cost memory by then: a NUL inside a string, and how often
 * each field stands there. Both walks recurse by descriptor only, never by what the bytes say, and
 * no message type contains itself (a test walks the descriptors), so their depth is bounded. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_LENGTH = 2, WIRE_FIXED32 = 5 };

/* Fields one message type may have. */
#define FIELDS_MAX 64u

static bool read_varint(kith_bytes_t *rest, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (size_t i = 0; i < 10 && i < rest->size; i++) {
        uint8_t byte = rest->data[i];
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            rest->data += i + 1;
            rest->size -= i + 1;
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool read_run(kith_bytes_t *rest, uint64_t size, kith_bytes_t *ret_run)
{
    if (size > rest->size) {
        return false;
    }
    *ret_run = (kith_bytes_t){.data = rest->data, .size = (size_t)size};
    rest->data += size;
    rest->size -= (size_t)size;
    return true;
}

/* What stands after a tag: its bytes (of a length-delimited field those inside). */
static bool read_value(kith_bytes_t *rest, unsigned wire, kith_bytes_t *ret_value)
{
    const uint8_t *start = rest->data;
    uint64_t number = 0;
    switch (wire) {
    case WIRE_VARINT:
        if (!read_varint(rest, &number)) {
            return false;
        }
        *ret_value = (kith_bytes_t){.data = start, .size = (size_t)(rest->data - start)};
        return true;
    case WIRE_FIXED64:
        return read_run(rest, 8, ret_value);
    case WIRE_FIXED32:
        return read_run(rest, 4, ret_value);
    case WIRE_LENGTH:
        return read_varint(rest, &number) && read_run(rest, number, ret_value);
    default: /* groups, which proto3 has not, and what does not exist */
        return false;
    }
}

/* How many elements one occurrence adds: a packed run of numbers has many. */
static size_t elements(const ProtobufCFieldDescriptor *field, unsigned wire, kith_bytes_t value)
{
    if (wire != WIRE_LENGTH || field->label != PROTOBUF_C_LABEL_REPEATED ||
        field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES ||
        field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return 1;
    }
    size_t ends = 0; /* each number ends in at least one byte below 0x80, or is 4 or 8 bytes wide */
    for (size_t i = 0; i < value.size; i++) {
        ends += (value.data[i] & 0x80) == 0;
    }
    size_t wide = value.size / 4;
    return ends > wide ? ends : wide;
}

static kith_err walk(const ProtobufCMessageDescriptor *type, kith_bytes_t rest,
                     const char **ret_field);

/* One known field with its value. */
static kith_err walk_field(const ProtobufCFieldDescriptor *field, unsigned wire, kith_bytes_t value,
                           const char **ret_field)
{
    bool text = field->type == PROTOBUF_C_TYPE_STRING;
    bool message = field->type == PROTOBUF_C_TYPE_MESSAGE;
    if ((text || message) && wire != WIRE_LENGTH) {
        *ret_field = field->name;
        return KITH_INVALID;
    }
    if (text && value.size > 0 && memchr(value.data, 0, value.size) != NULL) {
        *ret_field = field->name;
        return KITH_INVALID;
    }
    return message ? walk(field->descriptor, value, ret_field) : KITH_OK;
}

/* Every occurrence costs memory while protobuf-c unpacks, of unknown and of single fields too. */
static kith_err walk(const ProtobufCMessageDescriptor *type, kith_bytes_t rest,
                     const char **ret_field)
{
    size_t seen[FIELDS_MAX + 1] = {0}; /* the last one: unknown fields */
    KITH_ASSERT(type->n_fields <= FIELDS_MAX);
    while (rest.size > 0) {
        uint64_t tag = 0;
        kith_bytes_t value;
        if (!read_varint(&rest, &tag) || tag > UINT32_MAX || tag >> 3 == 0 ||
            !read_value(&rest, (unsigned)(tag & 7), &value)) {
            *ret_field = "";
            return KITH_INVALID;
        }
        unsigned wire = (unsigned)(tag & 7);
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> 3));
        size_t place = field != NULL ? (size_t)(field - type->fields) : FIELDS_MAX;
        seen[place] += field != NULL ? elements(field, wire, value) : 1;
        if (seen[place] > KITH_REPEATED_MAX) {
            *ret_field = field != NULL ? field->name : "";
            return KITH_INVALID;
        }
        kith_err err = field != NULL ? walk_field(field, wire, value, ret_field) : KITH_OK;
        if (err != KITH_OK) {
            return err;
        }
    }
    return KITH_OK;
}

/* A field's members in the struct that protoc-c generated. */
static const void *member_of(const ProtobufCMessage *message, unsigned offset)
{
    return (const uint8_t *)message + offset;
}

static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
        return true;
    }
    uint32_t chosen;
    memcpy(&chosen, member_of(message, field->quantifier_offset), sizeof chosen);
    return chosen == field->id;
}

static bool text_fits(const char *text)
{
    size_t size = strnlen(text, KITH_TEXT_BYTES_MAX + 1);
    return size <= KITH_TEXT_BYTES_MAX &&
           kith_text_utf8((kith_bytes_t){.data = (const uint8_t *)text, .size = size});
}

static kith_err check_one(const ProtobufCFieldDescriptor *field, const void *value,
                          const char **ret_field)
{
    if (value == NULL) {
        return KITH_OK;
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return kith_message_check(value, ret_field);
    }
    if (!text_fits(value)) {
        *ret_field = field->name;
        return KITH_INVALID;
    }
    return KITH_OK;
}

static kith_err check_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                            const char **ret_field)
{
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    size_t count = 1;
    if (repeated) {
        memcpy(&count, member_of(message, field->quantifier_offset), sizeof count);
        if (count > KITH_REPEATED_MAX) {
            *ret_field = field->name;
            return KITH_INVALID;
        }
    }
    bool pointer = field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (!pointer || count == 0 || !is_set(message, field)) {
        return KITH_OK;
    }
    const void *first = member_of(message, field->offset);
    const void *const *values = first;
    if (repeated) {
        memcpy(&values, first, sizeof values);
    }
    for (size_t i = 0; i < count; i++) {
        kith_err err = check_one(field, values[i], ret_field);
        if (err != KITH_OK) {
            return err;
        }
    }
    return KITH_OK;
}

kith_err kith_message_check(const ProtobufCMessage *message, const char **ret_field)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        kith_err err = check_field(message, &type->fields[i], ret_field);
        if (err != KITH_OK) {
            return err;
        }
    }
    return KITH_OK;
}

/* What one message may cost: memory in proportion to its size, however it is built. */
typedef struct budget {
    kith_arena_t *arena;
    size_t left;
} budget_t;

static void *budget_alloc(void *data, size_t size)
{
    budget_t *budget = data;
    if (size > budget->left) {
        return NULL;
    }
    budget->left -= size;
    return kith_arena_alloc(budget->arena, size);
}

static void budget_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

size_t kith_message_budget(size_t encoded_size)
{
    return KITH_DECODE_FACTOR * encoded_size + KITH_DECODE_SLACK_BYTES;
}

ProtobufCMessage *kith_message_unpack(struct kith_arena *arena,
                                      const ProtobufCMessageDescriptor *type, kith_bytes_t bytes,
                                      const char **ret_field)
{
    if (walk(type, bytes, ret_field) != KITH_OK) {
        return NULL;
    }
    budget_t budget = {.arena = arena, .left = kith_message_budget(bytes.size)};
    ProtobufCAllocator allocator = {
        .alloc = budget_alloc,
        .free = budget_free,
        .allocator_data = &budget,
    };
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, bytes.size, bytes.data);
    if (message == NULL) {
        *ret_field = "";
        return NULL;
    }
    return kith_message_check(message, ret_field) == KITH_OK ? message : NULL;
}
