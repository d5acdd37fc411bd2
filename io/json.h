/* JSON (RFC 8259): reading it strictly, and writing messages for programs. The only file that
 * includes jansson.h. Used by the `kith` command and by other local clients.
 *
 * Reading: UTF-8, no NUL, each name of an object once, integers of 64 bits, nothing after the
 * value.
 *
 * A message as JSON, by its descriptor:
 *   - names are the fields' names; a time (an int64 whose name ends in _ms) loses that ending and
 * is RFC 3339 in UTC: occurred_ms is "occurred": "2026-03-29T01:00:00Z";
 *   - bytes are a UUID when there are 16 of them, else lower-case hex;
 *   - an enum is one short word without its prefix: ANSWER_NOTHING_KNOWN is "nothing-known"; a
 * number that this build does not know stays a number;
 *   - strings, numbers, booleans and lists always stand there. Left out are: a sub-message that is
 *     not set, a member of a oneof that is not the chosen one, and bytes, times and enums that are
 *     empty, 0 or unspecified. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#include <protobuf-c/protobuf-c.h>

typedef struct kith_json kith_json_t; /* a value; one tree has one owner */

typedef enum kith_json_kind {
    KITH_JSON_NULL,
    KITH_JSON_BOOL,
    KITH_JSON_INT,
    KITH_JSON_REAL,
    KITH_JSON_STRING,
    KITH_JSON_LIST,
    KITH_JSON_OBJECT,
} kith_json_kind;

#define KITH_JSON_WHAT_SIZE 160
typedef struct kith_json_error {
    size_t line, column; /* from 1, in the text given */
    char what[KITH_JSON_WHAT_SIZE];
} kith_json_error_t;

/* ---- reading ---- */

/* The whole text is one value. KITH_INVALID with *ret_error, which is touched only then. */
kith_err kith_json_parse(kith_bytes_t text, kith_json_t **ret_value, kith_json_error_t *ret_error);
/* The first value of a text that goes on after *ret_used bytes (a list read item by item). */
kith_err kith_json_parse_first(kith_bytes_t text, kith_json_t **ret_value, size_t *ret_used,
                               kith_json_error_t *ret_error);
void kith_json_destroy(kith_json_t **self_p);

kith_json_kind kith_json_kind_of(const kith_json_t *self);
/* The kind in words for an error: "a string", "an object" … */
const char *kith_json_kind_words(kith_json_kind kind);
/* Only for the kind they are named after; another is a bug. Borrowed. */
bool kith_json_bool(const kith_json_t *self);
int64_t kith_json_int(const kith_json_t *self);
const char *kith_json_str(const kith_json_t *self);
size_t kith_json_count(const kith_json_t *self); /* of a list or an object */
const kith_json_t *kith_json_at(const kith_json_t *list, size_t index);
/* NULL when the object has none of that name. */
const kith_json_t *kith_json_get(const kith_json_t *object, const char *name);
/* Each member in the order of the text: *iter starts as NULL; false at the end. */
bool kith_json_each(const kith_json_t *object, void **iter, const char **ret_name,
                    const kith_json_t **ret_value);
/* A string as it is, a number or boolean as it is written, null as "". NULL for a list or object.
 */
const char *kith_json_scalar(kith_arena_t *arena, const kith_json_t *self);

/* ---- writing ---- */

kith_json_t *kith_json_object(void);
kith_json_t *kith_json_list(void);
/* The value is taken. A name that is there already is replaced. */
void kith_json_put(kith_json_t *object, const char *name, kith_json_t **value_p);
void kith_json_put_str(kith_json_t *object, const char *name, const char *text);
void kith_json_put_int(kith_json_t *object, const char *name, int64_t value);
void kith_json_put_bool(kith_json_t *object, const char *name, bool value);
void kith_json_put_time(kith_json_t *object, const char *name, int64_t unix_ms);
void kith_json_add(kith_json_t *list, kith_json_t **value_p);
void kith_json_add_str(kith_json_t *list, const char *text);

/* The name of a field's member by the rules above, and whether it is such a time. The other way
 * round is io/json_message.h. */
#define KITH_JSON_NAME_SIZE 64
void kith_json_name(const ProtobufCFieldDescriptor *field, char ret_name[KITH_JSON_NAME_SIZE]);
bool kith_json_is_time(const ProtobufCFieldDescriptor *field);
/* Of one element of a repeated field in the struct that protoc-c makes. */
size_t kith_json_element_size(ProtobufCType type);
kith_json_t *kith_json_of_message(const ProtobufCMessage *message);
#define KITH_JSON_OF(message) kith_json_of_message(&(message)->base)

/* One line without a line end, in the arena. */
const char *kith_json_text(kith_arena_t *arena, const kith_json_t *self);

/* ---- the words of enums, also for people ---- */

#define KITH_WORD_SIZE 40
/* "" for 0; the number itself when it is not known. */
void kith_enum_word(const ProtobufCEnumDescriptor *type, int value, char ret_word[KITH_WORD_SIZE]);
/* false when no value but 0 has that word. */
bool kith_enum_value(const ProtobufCEnumDescriptor *type, const char *word, int *ret_value);
