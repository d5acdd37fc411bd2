/* RFC 3339 times in UTC and the civil calendar they stand on. */
#include "base/text.h"

#include <stdio.h>

#define MS_PER_DAY INT64_C(86400000)

/* The first and last millisecond that four digits of a year can say. */
#define TIME_MIN INT64_C(-62167219200000)
#define TIME_MAX INT64_C(253402300799999)

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool kith_civil_valid(int year, int month, int day)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    return day <= DAYS[month - 1] + (month == 2 && is_leap(year));
}

/* Years are taken to begin in March, so that the leap day is a year's last, and counted in eras of
 * 400 years, which all have the same number of days. */
int64_t kith_days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* The inverse, for days within years 0 to 9999. */
static void civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *ret_day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *ret_month = (int)month;
    *ret_year = (int)(year_of_era + era * 400 + (month <= 2));
}

void kith_time_text(int64_t unix_ms, char ret_text[KITH_TIME_TEXT_SIZE])
{
    int64_t ms = unix_ms < TIME_MIN ? TIME_MIN : unix_ms > TIME_MAX ? TIME_MAX : unix_ms;
    int64_t days = ms / MS_PER_DAY;
    int64_t rest = ms % MS_PER_DAY;
    if (rest < 0) {
        rest += MS_PER_DAY;
        days--;
    }
    int year, month, day;
    civil_from_days(days, &year, &month, &day);
    unsigned second = (unsigned)(rest / 1000);
    (void)snprintf(ret_text, KITH_TIME_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ",
                   (unsigned)year % 10000u, (unsigned)month % 100u, (unsigned)day % 100u,
                   second / 3600 % 24, second / 60 % 60, second % 60);
}

/* Exactly `digits` digits; moves on behind them. */
static bool read_number(const char **at, int digits, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *at += digits;
    *ret_value = value;
    return true;
}

static bool read_char(const char **at, char wanted)
{
    if (**at != wanted) {
        return false;
    }
    (*at)++;
    return true;
}

static bool read_date(const char **at, int64_t *ret_days)
{
    int year, month, day;
    if (!read_number(at, 4, &year) || !read_char(at, '-') || !read_number(at, 2, &month) ||
        !read_char(at, '-') || !read_number(at, 2, &day) || !kith_civil_valid(year, month, day)) {
        return false;
    }
    *ret_days = kith_days_from_civil(year, month, day);
    return true;
}

/* ".5" ".123": milliseconds; what is finer is cut off. Nothing there is 0. */
static bool read_fraction(const char **at, int *ret_ms)
{
    *ret_ms = 0;
    if (!read_char(at, '.')) {
        return true;
    }
    int digit, scale = 100;
    if (!read_number(at, 1, &digit)) {
        return false;
    }
    do {
        *ret_ms += digit * scale;
        scale /= 10;
    } while (read_number(at, 1, &digit));
    return true;
}

static bool read_clock(const char **at, int64_t *ret_ms)
{
    int hour, minute, second, ms = 0;
    if (!read_number(at, 2, &hour) || !read_char(at, ':') || !read_number(at, 2, &minute) ||
        !read_char(at, ':') || !read_number(at, 2, &second) || !read_fraction(at, &ms)) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *ret_ms = (((int64_t)hour * 60 + minute) * 60 + second) * 1000 + ms;
    return true;
}

static bool read_offset(const char **at, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (read_char(at, 'Z') || read_char(at, 'z')) {
        return true;
    }
    bool behind = **at == '-';
    int hours, minutes;
    if (!read_char(at, behind ? '-' : '+') || !read_number(at, 2, &hours) || !read_char(at, ':') ||
        !read_number(at, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *ret_ms = ((int64_t)hours * 60 + minutes) * 60000 * (behind ? -1 : 1);
    return true;
}

kith_err kith_time_parse(const char *text, int64_t *ret_unix_ms)
{
    int64_t days, clock_ms = 0, offset_ms = 0;
    if (!read_date(&text, &days)) {
        return KITH_INVALID;
    }
    if (*text != '\0') {
        bool separated = read_char(&text, 'T') || read_char(&text, 't') || read_char(&text, ' ');
        if (!separated || !read_clock(&text, &clock_ms) || !read_offset(&text, &offset_ms) ||
            *text != '\0') {
            return KITH_INVALID;
        }
    }
    *ret_unix_ms = days * MS_PER_DAY + clock_ms - offset_ms;
    return KITH_OK;
}
