/* Dates as other systems write them, to Unix time. Pure.
 *
 * A pattern is literal text with YYYY, MM, DD, hh, mm, ss, each at most once, YYYY and MM always:
 * "DD/MM/YYYY hh:mm", "YYYY-MM-DD", "YYYY-MM" (the month alone is its first day). Each part has
 * exactly as many digits as letters. What a pattern does not name is the first of its kind: day 1,
 * midnight. An empty pattern is RFC 3339. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* UTC, or the United Kingdom's clock by its present rule: one hour ahead from the last Sunday of
 * March to the last Sunday of October, each at 01:00 UTC. */
typedef enum dates_zone { DATES_UTC, DATES_LONDON } dates_zone;

/* "UTC", "Europe/London". false: neither. */
bool dates_zone_of(const char *name, dates_zone *ret_zone);

/* false, with the reason in *ret_what (static), when it is not such a pattern. */
bool dates_pattern_check(const char *pattern, const char **ret_what);

/* pattern: one that was checked. An hour that the clock change leaves out is taken as winter time;
 * one that comes twice as the first, summer time. KITH_INVALID: the text does not fit the pattern
 * or names no real day or time. */
kith_err dates_parse(const char *pattern, dates_zone zone, const char *text, int64_t *ret_unix_ms);
