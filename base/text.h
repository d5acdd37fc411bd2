/* Checks on text from outside, and the units a person writes.
 *
 * protobuf-c accepts bad UTF-8 and a NUL inside a string (seen), and other languages' readers then
 * refuse the whole message; so every string is checked straight after it is unpacked. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

#include <protobuf-c/protobuf-c.h>

bool kith_text_utf8(kith_bytes_t text);

/* [a-z0-9] then [a-z0-9.-]*, at most KITH_NAME_MAX. */
bool kith_text_name(const char *text);

/* Walks a message by its descriptor: every string UTF-8 and within KITH_TEXT_BYTES_MAX,
 * every repeated field within KITH_REPEATED_MAX. Unknown enum values pass: newer senders may have
 * them. A NUL inside a string cannot be seen here; kith_message_unpack finds it in the bytes.
 * KITH_INVALID with the field's name in *ret_field (borrowed from the descriptor). */
kith_err kith_message_check(const ProtobufCMessage *message, const char **ret_field);

/* The most memory that unpacking this many bytes may take. */
size_t kith_message_budget(size_t encoded_size);

/* Unpacks in the arena and checks. NULL when it is not such a message (then *ret_field says which
 * field, or "" when it cannot be decoded at all). */
struct kith_arena;
ProtobufCMessage *kith_message_unpack(struct kith_arena *arena,
                                      const ProtobufCMessageDescriptor *type, kith_bytes_t bytes,
                                      const char **ret_field);

/* "250ms" "4h" "7d" "90s" "15min". KITH_INVALID for anything else, also for what overflows. */
kith_err kith_duration_parse(const char *text, int64_t *ret_ms);
/* "512KiB" "16GiB" "100". */
kith_err kith_size_parse(const char *text, uint64_t *ret_bytes);

/* RFC 3339 in UTC, whole seconds; years 0 to 9999, what lies outside shows as the nearest. Parse
 * also takes a date alone (midnight UTC), an offset and a fraction; no leap second. */
#define KITH_TIME_TEXT_SIZE 25
void kith_time_text(int64_t unix_ms, char ret_text[KITH_TIME_TEXT_SIZE]); /* 2026-03-29T01:00:00Z */
kith_err kith_time_parse(const char *text, int64_t *ret_unix_ms);

/* Civil calendar without time zones (proleptic Gregorian). */
int64_t kith_days_from_civil(int year, int month, int day);
bool kith_civil_valid(int year, int month, int day);
