/* Working days and office hours: when an office is open, and when a clock that runs only then is
 * over. Pure: the zone's changes and the holidays come in as tables (io/zone.c, io/calendars.c).
 *
 * Instants are Unix time in ms. Days are counted from 1970-01-01 in the calendar's own zone. What
 * is said here holds over clock changes: office hours are local time, so on the day of a change the
 * office opens at the same hour on the wall. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define KITH_WORKING_DAYS_MAX 366

/* Local time is UTC and the offset of the last change that is not after it. */
typedef struct kith_zone_change {
    int64_t from_ms;
    int32_t offset_ms;
} kith_zone_change_t;

typedef struct kith_zone {
    const char *name;        /* Europe/London */
    int32_t first_offset_ms; /* before the first change */
    size_t count;
    const kith_zone_change_t *changes; /* in order */
} kith_zone_t;

/* One office's time. At least one day of the week is open, and it opens before it closes. */
typedef struct kith_calendar {
    const char *id;
    const kith_zone_t *zone;
    int32_t opens_ms, closes_ms; /* local time of day; closes at most 24 h */
    uint8_t days;                /* bit 0: Monday … bit 6: Sunday */
    size_t holidays_count;
    const int64_t *holidays; /* days that are not open */
} kith_calendar_t;

/* The first instant, not before this one, at which the office is open. */
int64_t kith_calendar_next_open(const kith_calendar_t *self, int64_t ms);
/* So much office time after the instant: what comes while it is closed begins at the next opening.
 * amount_ms: 0 and more. */
int64_t kith_calendar_add_time(const kith_calendar_t *self, int64_t ms, int64_t amount_ms);
/* The close of the office on the n-th working day after the one it came on; what comes while it is
 * closed came on the next working day. days: 1 to KITH_WORKING_DAYS_MAX. */
int64_t kith_calendar_add_days(const kith_calendar_t *self, int64_t ms, unsigned days);

/* Local time of day on the day of the instant, open or not, and its first after the instant on an
 * open day. time_ms: less than 24 h. */
int64_t kith_calendar_time_on(const kith_calendar_t *self, int64_t ms, int32_t time_ms);
int64_t kith_calendar_next_time(const kith_calendar_t *self, int64_t ms, int32_t time_ms);

/* How long something may take: "4h" runs on, "24 working hours" and "2 working days" do not. */
typedef enum kith_clock_unit {
    KITH_CLOCK_RUNS = 1,
    KITH_CLOCK_WORKING_TIME,
    KITH_CLOCK_WORKING_DAYS,
} kith_clock_unit;

typedef struct kith_clock {
    const char *name;
    kith_clock_unit unit;
    int64_t amount; /* ms, or days */
} kith_clock_t;

/* The text as above: a duration of base/text.h, or a whole number of working hours, minutes or days
 * ("1 working day" too). Sets unit and amount. KITH_INVALID: no such text, nothing at all, or over
 * KITH_WORKING_DAYS_MAX days. */
kith_err kith_clock_parse(const char *text, kith_clock_t *ret_clock);
/* When it is over, for one that begins at `ms`. */
int64_t kith_clock_due(const kith_clock_t *self, const kith_calendar_t *calendar, int64_t ms);
