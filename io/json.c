#include "io/json.h"

#include "base/id.h"
#include "base/limits.h"
#include "base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARSE_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
/* Enough to give back any decimal fraction a person wrote (IEEE 754 double). */
#define REAL_DIGITS 15

/* kith_json_t is jansson's json_t under our name, so that no other file sees jansson. */
static json_t *in(const kith_json_t *self)
{
    return (json_t *)(uintptr_t)self;
}

/* jansson gives NULL only when memory ran out or for text that is not UTF-8: both are bugs here. */
static kith_json_t *out(json_t *value)
{
    KITH_ASSERT(value != NULL);
    return (kith_json_t *)value;
}

/* ---- reading ---- */

static kith_err parse(kith_bytes_t text, size_t flags, kith_json_t **ret_value, size_t *ret_used,
                      kith_json_error_t *ret_error)
{
    json_error_t error;
    const char *data = text.size > 0 ? (const char *)text.data : "";
    json_t *value = json_loadb(data, text.size, PARSE_FLAGS | flags, &error);
    if (value == NULL) {
        ret_error->line = error.line > 0 ? (size_t)error.line : 1;
        ret_error->column = error.column > 0 ? (size_t)error.column : 1;
        (void)snprintf(ret_error->what, sizeof ret_error->what, "%s", error.text);
        return KITH_INVALID;
    }
    if (ret_used != NULL)
        *ret_used = (size_t)error.position;
    *ret_value = out(value);
    return KITH_OK;
}

kith_err kith_json_parse(kith_bytes_t text, kith_json_t **ret_value, kith_json_error_t *ret_error)
{
    return parse(text, 0, ret_value, NULL, ret_error);
}

kith_err kith_json_parse_first(kith_bytes_t text, kith_json_t **ret_value, size_t *ret_used,
                               kith_json_error_t *ret_error)
{
    return parse(text, JSON_DISABLE_EOF_CHECK, ret_value, ret_used, ret_error);
}

void kith_json_destroy(kith_json_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    json_decref(in(*self_p));
    *self_p = NULL;
}

kith_json_kind kith_json_kind_of(const kith_json_t *self)
{
    switch (json_typeof(in(self))) {
    case JSON_OBJECT:
        return KITH_JSON_OBJECT;
    case JSON_ARRAY:
        return KITH_JSON_LIST;
    case JSON_STRING:
        return KITH_JSON_STRING;
    case JSON_INTEGER:
        return KITH_JSON_INT;
    case JSON_REAL:
        return KITH_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return KITH_JSON_BOOL;
    case JSON_NULL:
        return KITH_JSON_NULL;
    }
    return KITH_JSON_NULL;
}

const char *kith_json_kind_words(kith_json_kind kind)
{
    static const char *const words[] = {
        [KITH_JSON_NULL] = "null",          [KITH_JSON_BOOL] = "true or false",
        [KITH_JSON_INT] = "a whole number", [KITH_JSON_REAL] = "a number with a fraction",
        [KITH_JSON_STRING] = "a string",    [KITH_JSON_LIST] = "a list",
        [KITH_JSON_OBJECT] = "an object",
    };
    return words[kind];
}

bool kith_json_bool(const kith_json_t *self)
{
    KITH_ASSERT(json_is_boolean(in(self)));
    return json_is_true(in(self));
}

int64_t kith_json_int(const kith_json_t *self)
{
    KITH_ASSERT(json_is_integer(in(self)));
    return json_integer_value(in(self));
}

const char *kith_json_str(const kith_json_t *self)
{
    KITH_ASSERT(json_is_string(in(self)));
    return json_string_value(in(self));
}

size_t kith_json_count(const kith_json_t *self)
{
    return json_is_array(in(self)) ? json_array_size(in(self)) : json_object_size(in(self));
}

const kith_json_t *kith_json_at(const kith_json_t *list, size_t index)
{
    return out(json_array_get(in(list), index));
}

const kith_json_t *kith_json_get(const kith_json_t *object, const char *name)
{
    return (const kith_json_t *)json_object_get(in(object), name);
}

bool kith_json_each(const kith_json_t *object, void **iter, const char **ret_name,
                    const kith_json_t **ret_value)
{
    *iter = *iter == NULL ? json_object_iter(in(object)) : json_object_iter_next(in(object), *iter);
    if (*iter == NULL)
        return false;
    *ret_name = json_object_iter_key(*iter);
    *ret_value = out(json_object_iter_value(*iter));
    return true;
}

const char *kith_json_scalar(kith_arena_t *arena, const kith_json_t *self)
{
    switch (kith_json_kind_of(self)) {
    case KITH_JSON_NULL:
        return "";
    case KITH_JSON_STRING:
        return kith_arena_str(arena, json_string_value(in(self)));
    case KITH_JSON_BOOL:
    case KITH_JSON_INT:
    case KITH_JSON_REAL:
        return kith_json_text(arena, self);
    case KITH_JSON_LIST:
    case KITH_JSON_OBJECT:
        return NULL;
    }
    return NULL;
}

/* ---- writing ---- */

kith_json_t *kith_json_object(void)
{
    return out(json_object());
}

kith_json_t *kith_json_list(void)
{
    return out(json_array());
}

static void put(kith_json_t *object, const char *name, json_t *value)
{
    KITH_ASSERT(value != NULL);
    KITH_ASSERT(json_object_set_new(in(object), name, value) == 0);
}

void kith_json_put(kith_json_t *object, const char *name, kith_json_t **value_p)
{
    put(object, name, in(*value_p));
    *value_p = NULL;
}

void kith_json_put_str(kith_json_t *object, const char *name, const char *text)
{
    put(object, name, json_string(text));
}

void kith_json_put_int(kith_json_t *object, const char *name, int64_t value)
{
    put(object, name, json_integer(value));
}

void kith_json_put_bool(kith_json_t *object, const char *name, bool value)
{
    put(object, name, json_boolean(value));
}

void kith_json_put_time(kith_json_t *object, const char *name, int64_t unix_ms)
{
    char text[KITH_TIME_TEXT_SIZE];
    kith_time_text(unix_ms, text);
    kith_json_put_str(object, name, text);
}

void kith_json_add(kith_json_t *list, kith_json_t **value_p)
{
    KITH_ASSERT(json_array_append_new(in(list), in(*value_p)) == 0);
    *value_p = NULL;
}

void kith_json_add_str(kith_json_t *list, const char *text)
{
    kith_json_t *value = out(json_string(text));
    kith_json_add(list, &value);
}

const char *kith_json_text(kith_arena_t *arena, const kith_json_t *self)
{
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS);
    size_t size = json_dumpb(in(self), NULL, 0, flags);
    KITH_ASSERT(size > 0);
    char *text = kith_arena_need(arena, size + 1);
    KITH_ASSERT(json_dumpb(in(self), text, size, flags) == size);
    return text;
}

/* ---- the words of enums ---- */

/* proto/kith.proto: value 0 of each enum is PREFIX_UNSPECIFIED. */
static size_t enum_prefix(const ProtobufCEnumDescriptor *type)
{
    const ProtobufCEnumValue *zero = protobuf_c_enum_descriptor_get_value(type, 0);
    KITH_ASSERT(zero != NULL);
    const char *tail = strstr(zero->name, "UNSPECIFIED");
    KITH_ASSERT(tail != NULL);
    return (size_t)(tail - zero->name);
}

void kith_enum_word(const ProtobufCEnumDescriptor *type, int value, char ret_word[KITH_WORD_SIZE])
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    if (found == NULL) {
        (void)snprintf(ret_word, KITH_WORD_SIZE, "%d", value);
        return;
    }
    const char *name = value == 0 ? "" : found->name + enum_prefix(type);
    size_t size = strlen(name);
    KITH_ASSERT(size < KITH_WORD_SIZE);
    for (size_t i = 0; i < size; i++)
        ret_word[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    ret_word[size] = '\0';
}

bool kith_enum_value(const ProtobufCEnumDescriptor *type, const char *word, int *ret_value)
{
    for (unsigned i = 0; i < type->n_values; i++) {
        char candidate[KITH_WORD_SIZE];
        kith_enum_word(type, type->values[i].value, candidate);
        if (type->values[i].value != 0 && strcmp(candidate, word) == 0) {
            *ret_value = type->values[i].value;
            return true;
        }
    }
    return false;
}

/* ---- messages ---- */

bool kith_json_is_time(const ProtobufCFieldDescriptor *field)
{
    size_t size = strlen(field->name);
    return field->type == PROTOBUF_C_TYPE_INT64 && size > 3 &&
           strcmp(field->name + size - 3, "_ms") == 0;
}

void kith_json_name(const ProtobufCFieldDescriptor *field, char ret_name[KITH_JSON_NAME_SIZE])
{
    size_t size = strlen(field->name) - (kith_json_is_time(field) ? 3 : 0);
    KITH_ASSERT(size < KITH_JSON_NAME_SIZE);
    memcpy(ret_name, field->name, size);
    ret_name[size] = '\0';
}

static json_t *unsigned_value(uint64_t value)
{
    if (value <= INT64_MAX)
        return json_integer((json_int_t)value);
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}

static json_t *time_value(int64_t unix_ms)
{
    char text[KITH_TIME_TEXT_SIZE];
    kith_time_text(unix_ms, text);
    return unix_ms == 0 ? NULL : json_string(text);
}

static json_t *enum_value(const ProtobufCEnumDescriptor *type, int value)
{
    if (value == 0)
        return NULL;
    if (protobuf_c_enum_descriptor_get_value(type, value) == NULL)
        return json_integer(value);
    char word[KITH_WORD_SIZE];
    kith_enum_word(type, value, word);
    return json_string(word);
}

static json_t *bytes_value(const ProtobufCBinaryData *data)
{
    if (data->len == 0)
        return NULL;
    kith_bytes_t bytes = {.data = data->data, .size = data->len};
    if (bytes.size == KITH_ID_BYTES) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id_text(bytes, text);
        return json_string(text);
    }
    char *hex = malloc(2 * bytes.size + 1);
    KITH_ASSERT(hex != NULL);
    kith_hex(bytes, hex);
    json_t *value = json_string(hex);
    free(hex);
    return value;
}

/* One value of a field; NULL: it is left out. */
static json_t *field_value(const ProtobufCFieldDescriptor *field, const void *member)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(*(const int32_t *)member);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return kith_json_is_time(field) ? time_value(*(const int64_t *)member)
                                        : json_integer(*(const int64_t *)member);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)member);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return unsigned_value(*(const uint64_t *)member);
    case PROTOBUF_C_TYPE_FLOAT:
        return json_real((double)*(const float *)member);
    case PROTOBUF_C_TYPE_DOUBLE:
        return json_real(*(const double *)member);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)member);
    case PROTOBUF_C_TYPE_ENUM:
        return enum_value(field->descriptor, *(const int *)member);
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)member;
        return json_string(text == NULL ? "" : text);
    }
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_value(member);
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *message = *(const ProtobufCMessage *const *)member;
        return message == NULL ? NULL : in(kith_json_of_message(message));
    }
    }
    return NULL;
}

size_t kith_json_element_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    }
    return 0;
}

static json_t *list_value(const ProtobufCFieldDescriptor *field, const void *array, size_t count)
{
    json_t *list = json_array();
    KITH_ASSERT(list != NULL);
    for (size_t i = 0; i < count; i++) {
        json_t *item =
            field_value(field, (const char *)array + i * kith_json_element_size(field->type));
        /* An empty one keeps its place. */
        KITH_ASSERT(json_array_append_new(list, item != NULL ? item : json_null()) == 0);
    }
    return list;
}

kith_json_t *kith_json_of_message(const ProtobufCMessage *message)
{
    kith_json_t *object = kith_json_object();
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const char *base = (const char *)message;
        const void *member = base + field->offset;
        json_t *value;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            value = list_value(field, *(const void *const *)member,
                               *(const size_t *)(const void *)(base + field->quantifier_offset));
        else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
                 *(const uint32_t *)(const void *)(base + field->quantifier_offset) != field->id)
            value = NULL;
        else
            value = field_value(field, member);
        if (value == NULL)
            continue;
        char name[KITH_JSON_NAME_SIZE];
        kith_json_name(field, name);
        put(object, name, value);
    }
    return object;
}
