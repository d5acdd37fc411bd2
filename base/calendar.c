#include "base/calendar.h"

#include "base/text.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

/* ---- local time ---- */

static int64_t offset_at(const kith_zone_t *zone, int64_t ms)
{
    int64_t offset_ms = zone->first_offset_ms;
    for (size_t i = 0; i < zone->count && zone->changes[i].from_ms <= ms; i++) {
        offset_ms = zone->changes[i].offset_ms;
    }
    return offset_ms;
}

static int64_t day_of(int64_t local_ms)
{
    return local_ms >= 0 ? local_ms / DAY_MS : -((DAY_MS - 1 - local_ms) / DAY_MS);
}

/* Of a time that comes twice the first; one that is left out is as long after the change as it
 * would have been. */
static int64_t instant_of(const kith_zone_t *zone, int64_t local_ms)
{
    int64_t before_ms = offset_at(zone, local_ms - DAY_MS);
    int64_t after_ms = offset_at(zone, local_ms + DAY_MS);
    bool is_after = offset_at(zone, local_ms - before_ms) != before_ms &&
                    offset_at(zone, local_ms - after_ms) == after_ms;
    return local_ms - (is_after ? after_ms : before_ms);
}

/* ---- working days ---- */

static bool is_working(const kith_calendar_t *self, int64_t day)
{
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* day 0 was a Thursday */
    for (size_t i = 0; i < self->holidays_count; i++) {
        if (self->holidays[i] == day) {
            return false;
        }
    }
    return ((unsigned)self->days >> weekday & 1u) != 0;
}

static int64_t closes_on(const kith_calendar_t *self, int64_t day)
{
    return instant_of(self->zone, day * DAY_MS + self->closes_ms);
}

/* Ends: there are only so many holidays. */
int64_t kith_calendar_next_open(const kith_calendar_t *self, int64_t ms)
{
    KITH_ASSERT((self->days & 0x7f) != 0 && self->opens_ms < self->closes_ms);
    int64_t day = day_of(ms + offset_at(self->zone, ms));
    while (!is_working(self, day) || ms >= closes_on(self, day)) {
        day++;
    }
    int64_t opens = instant_of(self->zone, day * DAY_MS + self->opens_ms);
    return ms > opens ? ms : opens;
}

int64_t kith_calendar_add_time(const kith_calendar_t *self, int64_t ms, int64_t amount_ms)
{
    int64_t at = kith_calendar_next_open(self, ms);
    for (;;) {
        int64_t closes = closes_on(self, day_of(at + offset_at(self->zone, at)));
        if (amount_ms <= closes - at) {
            return at + amount_ms;
        }
        amount_ms -= closes - at;
        at = kith_calendar_next_open(self, closes);
    }
}

int64_t kith_calendar_add_days(const kith_calendar_t *self, int64_t ms, unsigned days)
{
    int64_t at = kith_calendar_next_open(self, ms);
    int64_t day = day_of(at + offset_at(self->zone, at));
    for (unsigned i = 0; i < days; i++) {
        do {
            day++;
        } while (!is_working(self, day));
    }
    return closes_on(self, day);
}

int64_t kith_calendar_time_on(const kith_calendar_t *self, int64_t ms, int32_t time_ms)
{
    int64_t day = day_of(ms + offset_at(self->zone, ms));
    return instant_of(self->zone, day * DAY_MS + time_ms);
}

/* Ends: there are only so many holidays. */
int64_t kith_calendar_next_time(const kith_calendar_t *self, int64_t ms, int32_t time_ms)
{
    KITH_ASSERT((self->days & 0x7f) != 0);
    int64_t day = day_of(ms + offset_at(self->zone, ms));
    while (!is_working(self, day) || instant_of(self->zone, day * DAY_MS + time_ms) <= ms) {
        day++;
    }
    return instant_of(self->zone, day * DAY_MS + time_ms);
}

/* ---- clocks ---- */

static kith_err parse_working(const char *unit, int64_t count, kith_clock_t *clock)
{
    static const struct {
        const char *words[2];
        kith_clock_unit unit;
        int64_t each;
    } units[] = {
        {{"working minute", "working minutes"}, KITH_CLOCK_WORKING_TIME, MINUTE_MS},
        {{"working hour", "working hours"}, KITH_CLOCK_WORKING_TIME, HOUR_MS},
        {{"working day", "working days"}, KITH_CLOCK_WORKING_DAYS, 1},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t most = units[i].each == 1 ? KITH_WORKING_DAYS_MAX
                                          : KITH_WORKING_DAYS_MAX * DAY_MS / units[i].each;
        bool is = strcmp(unit, units[i].words[0]) == 0 || strcmp(unit, units[i].words[1]) == 0;
        if (is && count >= 1 && count <= most) {
            clock->unit = units[i].unit;
            clock->amount = count * units[i].each;
            return KITH_OK;
        }
    }
    return KITH_INVALID;
}

kith_err kith_clock_parse(const char *text, kith_clock_t *ret_clock)
{
    const char *blank = text;
    while (*blank != '\0' && *blank != ' ') {
        blank++;
    }
    if (*blank == '\0') {
        int64_t ms = 0;
        kith_err err = kith_duration_parse(text, &ms);
        if (err != KITH_OK || ms <= 0 || ms > KITH_WORKING_DAYS_MAX * DAY_MS) {
            return KITH_INVALID;
        }
        ret_clock->unit = KITH_CLOCK_RUNS;
        ret_clock->amount = ms;
        return KITH_OK;
    }
    int64_t count = 0;
    for (const char *c = text; c < blank; c++) {
        if (*c < '0' || *c > '9' || blank - text > 6) {
            return KITH_INVALID;
        }
        count = count * 10 + (*c - '0');
    }
    return parse_working(blank + 1, count, ret_clock);
}

int64_t kith_clock_due(const kith_clock_t *self, const kith_calendar_t *calendar, int64_t ms)
{
    switch (self->unit) {
    case KITH_CLOCK_WORKING_TIME:
        return kith_calendar_add_time(calendar, ms, self->amount);
    case KITH_CLOCK_WORKING_DAYS:
        return kith_calendar_add_days(calendar, ms, (unsigned)self->amount);
    case KITH_CLOCK_RUNS:
        break;
    }
    return ms + self->amount;
}
