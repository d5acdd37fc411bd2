/* Line by line: > quotes, what introduces a quote, the header block of Outlook, signatures. Each
 * look ahead is a few lines, so a hostile text costs no more than a friendly one. */
#include "mail/quote.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HEAD_LINES_MAX  4u /* "On … wrote:" is wrapped over at most so many */
#define HEAD_BYTES_MAX  400u
#define BLOCK_LINES_MAX 8u  /* From:, Sent:, To:, Subject: */
#define RULE_MIN        10u /* so many _ or - are a line across */
#define SIGN_LINES_MAX  30u
#define SIGN_BYTES_MAX  60u

typedef struct line {
    const char *at;
    size_t size; /* without white space at its end */
    bool hidden;
} line_t;

typedef struct lines {
    line_t *line;
    size_t count;
} lines_t;

static bool split(kith_arena_t *arena, char *text, lines_t *ret_lines)
{
    size_t count = 1;
    for (const char *at = text; *at != '\0'; at++)
        count += *at == '\n';
    lines_t lines = {.line = kith_arena_alloc(arena, count * sizeof *lines.line)};
    if (lines.line == NULL)
        return false;
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, "\n");
        size_t kept = size;
        while (kept > 0 && isspace((unsigned char)at[kept - 1]))
            kept--;
        lines.line[lines.count++] = (line_t){.at = at, .size = kept};
        at += size;
        if (*at == '\0')
            break;
    }
    *ret_lines = lines;
    return true;
}

/* Without white space, stars and dashes before it: *From:*, --- On … */
static const char *inner(const line_t *l, size_t *ret_size)
{
    size_t from = 0;
    while (from < l->size && strchr(" \t*-", l->at[from]) != NULL)
        from++;
    *ret_size = l->size - from;
    return l->at + from;
}

static bool begins(const line_t *l, const char *word)
{
    size_t size = 0;
    const char *at = inner(l, &size);
    return size >= strlen(word) && strncasecmp(at, word, strlen(word)) == 0;
}

static bool is_quoted(const line_t *l)
{
    size_t from = strspn(l->at, " \t");
    return from < l->size && l->at[from] == '>';
}

/* A line of nothing but c, at least `least` of them. */
static bool is_rule(const line_t *l, char c, size_t least)
{
    for (size_t i = 0; i < l->size; i++)
        if (l->at[i] != c)
            return false;
    return l->size >= least;
}

static bool ends(const char *text, const char *const *words)
{
    size_t size = strlen(text);
    for (; *words != NULL; words++)
        if (size >= strlen(*words) && strcasecmp(text + size - strlen(*words), *words) == 0)
            return true;
    return false;
}

static bool has_time(const line_t *l)
{
    for (size_t i = 1; i + 1 < l->size; i++)
        if (l->at[i] == ':' && isdigit((unsigned char)l->at[i - 1]) &&
            isdigit((unsigned char)l->at[i + 1]))
            return true;
    return false;
}

/* In any language: a line with a time, an address, a colon at the end, and what is quoted. */
static bool is_head_before_quote(const lines_t *lines, size_t i, size_t after, const char *joined)
{
    const char *angle = strchr(joined, '<');
    while (after < lines->count && lines->line[after].size == 0)
        after++;
    return has_time(&lines->line[i]) && joined[strlen(joined) - 1] == ':' && angle != NULL &&
           strchr(angle, '@') != NULL && after < lines->count && is_quoted(&lines->line[after]);
}

/* How many lines from i on introduce a quote; 0: none does. */
static size_t quote_head(const lines_t *lines, size_t i)
{
    static const char *const said[] = {
        "wrote:",         "wrote :",       "writes:", "a \u00e9crit :", "a \u00e9crit:", "schrieb:",
        "escribi\u00f3:", "ysgrifennodd:", NULL};
    char joined[HEAD_BYTES_MAX] = "";
    size_t used = 0;
    for (size_t n = 0; n < HEAD_LINES_MAX && i + n < lines->count; n++) {
        const line_t *l = &lines->line[i + n];
        size_t size = 0;
        const char *at = inner(l, &size);
        if (size == 0 || used + size + 2 > HEAD_BYTES_MAX || (n > 0 && is_quoted(l)))
            return 0;
        memcpy(joined + used, at, size);
        used += size;
        joined[used] = '\0';
        bool dated = begins(&lines->line[i], "On ") || begins(&lines->line[i], "Le ") ||
                     begins(&lines->line[i], "Am ") || begins(&lines->line[i], "El ") ||
                     begins(&lines->line[i], "Ar ");
        bool digits = strpbrk(joined, "0123456789") != NULL;
        if (dated && digits && ends(joined, said))
            return n + 1;
        if (is_head_before_quote(lines, i, i + n + 1, joined))
            return n + 1;
        joined[used++] = ' ';
        joined[used] = '\0';
    }
    return 0;
}

/* Two and more of the names that Outlook writes above a quote, the first of them here. */
static bool is_block(const lines_t *lines, size_t i)
{
    static const char *const names[] = {
        "From:", "Sent:", "To:", "Subject:", "Date:", "Cc:", "De:", "\u00c0:", "Von:", NULL};
    size_t found = 0;
    for (size_t n = 0; n < BLOCK_LINES_MAX && i + n < lines->count; n++) {
        size_t before = found;
        for (const char *const *name = names; *name != NULL && found == before; name++)
            found += begins(&lines->line[i + n], *name);
        if (n == 0 && found == 0)
            return false;
    }
    return found >= 3;
}

static bool is_original(const line_t *l)
{
    return l->size > 4 && strncmp(l->at, "--", 2) == 0 &&
           (begins(l, "Original Message") || begins(l, "Forwarded message") ||
            begins(l, "Original Appointment"));
}

static void hide(lines_t *lines, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        lines->line[i].hidden = true;
}

static size_t next_said(const lines_t *lines, size_t i)
{
    while (i < lines->count && lines->line[i].size == 0)
        i++;
    return i;
}

static void hide_quotes(lines_t *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        const line_t *l = &lines->line[i];
        if (is_quoted(l)) {
            hide(lines, i, i + 1);
            continue;
        }
        size_t head = quote_head(lines, i);
        size_t after = next_said(lines, i + head);
        if (head > 0 && after < lines->count && is_quoted(&lines->line[after])) {
            hide(lines, i, i + head);
            i += head - 1;
        } else if (head > 0 || is_original(l) || is_block(lines, i)) {
            if (i > 0 && is_rule(&lines->line[i - 1], '_', RULE_MIN))
                i--;
            hide(lines, i, lines->count);
            return;
        }
    }
}

/* The last line that stands; count when there is none. */
static size_t last_shown(const lines_t *lines)
{
    for (size_t i = lines->count; i > 0; i--)
        if (!lines->line[i - 1].hidden && lines->line[i - 1].size > 0)
            return i - 1;
    return lines->count;
}

static bool is_sign_off(const lines_t *lines, size_t i, size_t last)
{
    const line_t *l = &lines->line[i];
    bool first = i == 0 || lines->line[i - 1].size == 0 || lines->line[i - 1].hidden;
    if (is_rule(l, '-', 2) && (l->size == 2 || l->size >= RULE_MIN))
        return true;
    if (is_rule(l, '_', RULE_MIN))
        return true;
    if (!first || l->size > SIGN_BYTES_MAX)
        return false;
    if (begins(l, "Sent from ") || begins(l, "Sent via ") || begins(l, "Get Outlook for "))
        return true;
    return i == last && l->at[0] == '-' && isalpha((unsigned char)l->at[1]);
}

/* Is the name or the address of who writes in this line? */
static bool names(const line_t *l, const char *who)
{
    for (size_t i = 0; *who != '\0' && i + strlen(who) <= l->size; i++)
        if (strncasecmp(l->at + i, who, strlen(who)) == 0)
            return true;
    return false;
}

/* The last paragraph, when it is not all there is and says who writes. */
static bool hide_named(lines_t *lines, const char *sender_name, const char *sender)
{
    size_t last = last_shown(lines);
    if (last == lines->count)
        return false;
    size_t first = last;
    while (first > 0 && lines->line[first - 1].size > 0 && !lines->line[first - 1].hidden)
        first--;
    bool named = names(&lines->line[first], sender_name);
    for (size_t i = first; i <= last; i++)
        named = named || names(&lines->line[i], sender);
    if (!named || first == 0 || last - first > SIGN_LINES_MAX)
        return false;
    hide(lines, first, last + 1);
    return true;
}

/* Signatures end a text: the last few lines are looked at, again while there is one more. */
static void hide_signatures(lines_t *lines, const char *sender_name, const char *sender)
{
    for (bool found = true; found;) {
        found = false;
        size_t last = last_shown(lines);
        if (last == lines->count)
            return;
        size_t end = last > SIGN_LINES_MAX ? last - SIGN_LINES_MAX : 0;
        for (size_t i = last + 1; i > end && !found; i--) {
            if (lines->line[i - 1].hidden)
                break;
            found = lines->line[i - 1].size > 0 && is_sign_off(lines, i - 1, last);
            if (found)
                hide(lines, i - 1, last + 1);
        }
        found = found || hide_named(lines, sender_name, sender);
    }
}

static const char *join(kith_arena_t *arena, const lines_t *lines, size_t size)
{
    char *out = kith_arena_alloc(arena, size + 2);
    if (out == NULL)
        return NULL;
    size_t used = 0, blank = 0;
    for (size_t i = 0; i < lines->count; i++) {
        const line_t *l = &lines->line[i];
        if (l->hidden || l->size == 0) {
            blank = 1;
            continue;
        }
        if (used > 0 && blank)
            out[used++] = '\n';
        memcpy(out + used, l->at, l->size);
        used += l->size;
        out[used++] = '\n';
        blank = 0;
    }
    out[used > 0 ? used - 1 : 0] = '\0';
    return out;
}

const char *quote_above(kith_arena_t *arena, const char *text, const char *sender_name,
                        const char *sender)
{
    size_t size = strlen(text);
    char *own = kith_arena_alloc(arena, size + 1);
    if (own == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++)
        own[i] = text[i] != '\r' ? text[i] : text[i + 1] == '\n' ? ' ' : '\n';
    lines_t lines;
    if (!split(arena, own, &lines))
        return NULL;
    hide_quotes(&lines);
    hide_signatures(&lines, sender_name, sender);
    return join(arena, &lines, size);
}
