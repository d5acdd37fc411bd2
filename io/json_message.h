/* A message from JSON, by its descriptor: io/json.h's rules read backwards.
 *
 * Strict: a name that the type has not, a value of another kind, a word that its enum has not, two
 * members of one oneof are each refused with their place. Also taken: null for what is left out; a
 * number for an enum value that this build does not know; 32 hex digits for 16 bytes; a whole
 * number in a string. What the bytes of the message may be is not looked at: see
 * kith_message_check. */
#pragma once

#include "io/json.h"

#define KITH_MISFIT_FIELD_SIZE 200
#define KITH_MISFIT_WHAT_SIZE  1000
/* Both are UTF-8; a text that is too long is cut. */
typedef struct kith_json_misfit {
    char field[KITH_MISFIT_FIELD_SIZE]; /* "draft.alert.to[2]"; "" for the whole */
    char what[KITH_MISFIT_WHAT_SIZE];   /* what is wrong, and what would be allowed */
} kith_json_misfit_t;

/* The message lives in the arena, whose limit bounds it. KITH_INVALID with *ret_misfit, which is
 * touched only then; KITH_LIMIT: larger than the arena, or a list longer than KITH_REPEATED_MAX. */
kith_err kith_json_to_message(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                              const kith_json_t *value, ProtobufCMessage **ret_message,
                              kith_json_misfit_t *ret_misfit);
/* One value of a query string, which has no kinds: numbers and true or false are written as they
 * are. Puts it into the object under its name. KITH_INVALID with *ret_misfit: the type has no such
 * plain field. */
kith_err kith_json_put_query(const ProtobufCMessageDescriptor *type, kith_json_t *object,
                             const char *name, const char *text, kith_json_misfit_t *ret_misfit);
