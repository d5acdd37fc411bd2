#include "agents/cli/dates.h"

#include "base/text.h"

#include <string.h>

#define HOUR_MS (3600 * (int64_t)1000)
#define DAY_MS  (24 * HOUR_MS)

enum { PART_YEAR, PART_MONTH, PART_DAY, PART_HOUR, PART_MINUTE, PART_SECOND, PARTS };

static const struct part {
    const char *letters;
    int otherwise;
} parts[PARTS] = {
    [PART_YEAR] = {"YYYY", 0}, [PART_MONTH] = {"MM", 1},  [PART_DAY] = {"DD", 1},
    [PART_HOUR] = {"hh", 0},   [PART_MINUTE] = {"mm", 0}, [PART_SECOND] = {"ss", 0},
};

/* The part that begins here; PARTS when it is literal text. */
static int part_at(const char *pattern)
{
    for (int i = 0; i < PARTS; i++)
        if (strncmp(pattern, parts[i].letters, strlen(parts[i].letters)) == 0)
            return i;
    return PARTS;
}

bool dates_zone_of(const char *name, dates_zone *ret_zone)
{
    if (strcmp(name, "UTC") == 0)
        *ret_zone = DATES_UTC;
    else if (strcmp(name, "Europe/London") == 0)
        *ret_zone = DATES_LONDON;
    else
        return false;
    return true;
}

bool dates_pattern_check(const char *pattern, const char **ret_what)
{
    if (*pattern == '\0')
        return true;
    bool seen[PARTS] = {false};
    while (*pattern != '\0') {
        int part = part_at(pattern);
        if (part == PARTS) {
            /* A lone M or Y is a pattern of another program, not text between the parts. */
            if (strchr("YMDhms", *pattern) != NULL) {
                *ret_what = "a date pattern has YYYY, MM, DD, hh, mm, ss and text between them";
                return false;
            }
            pattern++;
            continue;
        }
        if (seen[part]) {
            *ret_what = "a part stands twice in the date pattern";
            return false;
        }
        seen[part] = true;
        pattern += strlen(parts[part].letters);
    }
    if (!seen[PART_YEAR] || !seen[PART_MONTH]) {
        *ret_what = "a date pattern needs YYYY and MM";
        return false;
    }
    return true;
}

static bool read_digits(const char **text, size_t count, int *ret_value)
{
    int value = 0;
    for (size_t i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        value = value * 10 + (**text - '0');
    }
    *ret_value = value;
    return true;
}

static bool read_parts(const char *pattern, const char *text, int values[PARTS])
{
    for (int i = 0; i < PARTS; i++)
        values[i] = parts[i].otherwise;
    while (*pattern != '\0') {
        int part = part_at(pattern);
        if (part == PARTS) {
            if (*pattern++ != *text++)
                return false;
            continue;
        }
        size_t size = strlen(parts[part].letters);
        if (!read_digits(&text, size, &values[part]))
            return false;
        pattern += size;
    }
    return *text == '\0';
}

/* 01:00 UTC of the month's last Sunday; the month has 31 days. */
static int64_t last_sunday_ms(int year, int month)
{
    int64_t last = kith_days_from_civil(year, month, 31);
    /* Day 0 was a Thursday. */
    int64_t weekday = ((last % 7) + 7 + 4) % 7;
    return (last - weekday) * DAY_MS + HOUR_MS;
}

static int64_t london_to_utc(int year, int64_t local_ms)
{
    int64_t as_summer = local_ms - HOUR_MS;
    bool summer = as_summer >= last_sunday_ms(year, 3) && as_summer < last_sunday_ms(year, 10);
    return summer ? as_summer : local_ms;
}

kith_err dates_parse(const char *pattern, dates_zone zone, const char *text, int64_t *ret_unix_ms)
{
    if (*pattern == '\0')
        return kith_time_parse(text, ret_unix_ms);
    int v[PARTS];
    if (!read_parts(pattern, text, v) || v[PART_YEAR] < 1 ||
        !kith_civil_valid(v[PART_YEAR], v[PART_MONTH], v[PART_DAY]) || v[PART_HOUR] > 23 ||
        v[PART_MINUTE] > 59 || v[PART_SECOND] > 59)
        return KITH_INVALID;
    int64_t day = kith_days_from_civil(v[PART_YEAR], v[PART_MONTH], v[PART_DAY]);
    int64_t seconds = (v[PART_HOUR] * 60 + v[PART_MINUTE]) * 60 + v[PART_SECOND];
    int64_t local_ms = day * DAY_MS + seconds * 1000;
    *ret_unix_ms = zone == DATES_LONDON ? london_to_utc(v[PART_YEAR], local_ms) : local_ms;
    return KITH_OK;
}
