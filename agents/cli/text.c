#include "agents/cli/text.h"

#include <string.h>
#include <time.h>

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* The code point at p; *ret_size: its bytes. What is not UTF-8 (a file's name may be anything) is
 * one byte and 0, which must not pass. */
static uint32_t code_point(const char *p, size_t *ret_size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *u = (const unsigned char *)p;
    size_t size = u[0] < 0x80 ? 1 : u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : 4;
    uint32_t point = u[0];
    bool good = u[0] < 0x80 || (u[0] >= 0xC2 && u[0] <= 0xF4);
    if (size > 1)
        point &= 0xFFu >> (size + 1);
    for (size_t i = 1; i < size && good; i++) {
        good = (u[i] & 0xC0) == 0x80;
        point = (point << 6) | (u[i] & 0x3Fu);
    }
    good = good && point >= least[size] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    *ret_size = good ? size : 1;
    return good ? point : 0;
}

static bool may_pass(uint32_t point)
{
    bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    bool turns = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
                 point == 0x200E || point == 0x200F || point == 0x061C;
    bool breaks = point == 0x2028 || point == 0x2029;
    return !control && !turns && !breaks;
}

/* keep_lines: a line end stays, with `indent` blanks behind it. */
static const char *clean(kith_arena_t *arena, const char *text, bool keep_lines, size_t indent)
{
    if (text == NULL)
        return "";
    size_t worst = sizeof replacement > indent + 1 ? sizeof replacement : indent + 1;
    char *out = kith_arena_need(arena, strlen(text) * worst + 1);
    size_t at = 0;
    for (const char *p = text; *p != '\0';) {
        size_t size;
        uint32_t point = code_point(p, &size);
        if (point == '\n' && keep_lines) {
            out[at++] = '\n';
            memset(out + at, ' ', indent);
            at += indent;
        } else if (point == '\n' || point == '\t') {
            out[at++] = ' ';
        } else if (point == '\r' && p[1] == '\n') {
            /* the line end of another system */
        } else if (may_pass(point)) {
            memcpy(out + at, p, size);
            at += size;
        } else {
            memcpy(out + at, replacement, sizeof replacement - 1);
            at += sizeof replacement - 1;
        }
        p += size;
    }
    out[at] = '\0';
    return out;
}

const char *text_line(kith_arena_t *arena, const char *text)
{
    return clean(arena, text, false, 0);
}

const char *text_block(kith_arena_t *arena, const char *text, size_t indent)
{
    return clean(arena, text, true, indent);
}

static size_t point_width(uint32_t point)
{
    bool combining = (point >= 0x0300 && point <= 0x036F) || point == 0x200B || point == 0x200D ||
                     (point >= 0x20D0 && point <= 0x20FF) || (point >= 0xFE00 && point <= 0xFE0F);
    bool wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) ||
                (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
                (point >= 0xFF00 && point <= 0xFF60) || (point >= 0x1F300 && point <= 0x1FAFF) ||
                (point >= 0x20000 && point <= 0x3FFFD);
    return combining ? 0 : wide ? 2 : 1;
}

size_t text_width(const char *text)
{
    size_t width = 0;
    for (const char *p = text; *p != '\0';) {
        size_t size;
        width += point_width(code_point(p, &size));
        p += size;
    }
    return width;
}

/* False when there is no time to show. */
static bool local_time(int64_t unix_ms, struct tm *ret_tm)
{
    /* Rounded down, also before 1970. */
    time_t seconds = (time_t)(unix_ms / 1000 - (unix_ms % 1000 < 0 ? 1 : 0));
    return unix_ms != 0 && localtime_r(&seconds, ret_tm) != NULL;
}

const char *text_time(kith_arena_t *arena, int64_t unix_ms)
{
    struct tm tm;
    char text[32];
    if (!local_time(unix_ms, &tm) || strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm) == 0)
        return "-";
    return kith_arena_str(arena, text);
}

const char *text_time_zone(kith_arena_t *arena, int64_t unix_ms)
{
    struct tm tm;
    char text[64];
    if (!local_time(unix_ms, &tm) || strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &tm) == 0)
        return "-";
    return kith_arena_str(arena, text);
}

const char *text_age(kith_arena_t *arena, int64_t ms)
{
    int64_t seconds = ms > 0 ? ms / 1000 : 0;
    if (seconds < 60)
        return kith_arena_printf(arena, "%lld s", (long long)seconds);
    if (seconds < 3600)
        return kith_arena_printf(arena, "%lld min", (long long)seconds / 60);
    if (seconds < 48 * 3600)
        return kith_arena_printf(arena, "%lld h", (long long)seconds / 3600);
    return kith_arena_printf(arena, "%lld d", (long long)seconds / 86400);
}

const char *text_pounds(kith_arena_t *arena, uint64_t pence)
{
    return kith_arena_printf(arena, "%llu.%02u", (unsigned long long)(pence / 100),
                             (unsigned)(pence % 100));
}
