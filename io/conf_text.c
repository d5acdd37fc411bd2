#include "io/conf_text.h"

#include "base/text.h"

#include <string.h>

/* No configuration of ours is deeper than five; libconfig's parser would recurse on. */
#define DEPTH_MAX 16u
/* What fits 32 bits, and with L at its end 64. */
#define DIGITS_MAX      9u
#define DIGITS_LONG_MAX 18u
/* Longer names are not compared. */
#define COMPARED_MAX 48

typedef struct scan {
    kith_bytes_t text;
    size_t at;
    unsigned line;
    unsigned depth;
    char open[DEPTH_MAX + 1]; /* the brackets that are open, the innermost at depth */
    char before; /* the token before: a punctuation mark, '"' for a text, 'a' for anything else */
    const char *what; /* NULL while all is well */
} scan_t;

static int peek(const scan_t *scan, size_t ahead)
{
    size_t at = scan->at + ahead;
    return at < scan->text.size ? scan->text.data[at] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What is refused wherever it stands, also in comments. */
static const char *line_fault(kith_bytes_t line)
{
    if (memchr(line.data, 0, line.size) != NULL || !kith_text_utf8(line))
        return "not text: save the file as UTF-8";
    while (line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
        line = (kith_bytes_t){.data = line.data + 1, .size = line.size - 1};
    if (kith_bytes_starts(line, kith_bytes_str("@include")))
        return "@include is not allowed: put all settings in this file";
    return NULL;
}

static void check_lines(scan_t *scan)
{
    if (kith_bytes_starts(scan->text, kith_bytes_str("\xef\xbb\xbf")))
        scan->what = "a byte-order mark: save the file as UTF-8 without one";
    while (scan->what == NULL && scan->at < scan->text.size) {
        kith_bytes_t rest = {.data = scan->text.data + scan->at,
                             .size = scan->text.size - scan->at};
        const uint8_t *newline = memchr(rest.data, '\n', rest.size);
        if (newline != NULL)
            rest.size = (size_t)(newline - rest.data) + 1;
        scan->what = line_fault(rest);
        if (scan->what == NULL && newline != NULL)
            scan->line++;
        scan->at += rest.size;
    }
}

static void skip_string(scan_t *scan)
{
    for (scan->at++; scan->what == NULL; scan->at++) {
        int c = peek(scan, 0);
        if (c == '"') {
            scan->at++;
            return;
        }
        if (c == '\n' || c == '\r' || c == -1)
            scan->what = "this text does not end on its line: close it with \"";
        else if (c == '\\' && (peek(scan, 1) == 'x' || peek(scan, 1) == 'X'))
            scan->what = "\\x in a text: write the character itself";
        else if (c == '\\' && (peek(scan, 1) == '"' || peek(scan, 1) == '\\'))
            scan->at++;
    }
}

static void skip_to_line_end(scan_t *scan)
{
    while (peek(scan, 0) != '\n' && peek(scan, 0) != -1)
        scan->at++;
}

static void skip_comment(scan_t *scan)
{
    unsigned line_before = scan->line;
    for (scan->at += 2; peek(scan, 0) != '*' || peek(scan, 1) != '/'; scan->at++) {
        if (peek(scan, 0) == -1) {
            scan->line = line_before;
            scan->what = "this comment never ends: close it with */";
            return;
        }
        scan->line += peek(scan, 0) == '\n';
    }
    scan->at += 2;
}

static void skip_name(scan_t *scan)
{
    int c = peek(scan, 0);
    while (is_letter(c) || is_digit(c) || c == '*' || c == '-' || c == '_') {
        scan->at++;
        c = peek(scan, 0);
    }
}

static void check_number(scan_t *scan)
{
    size_t digits = 0;
    while (is_digit(peek(scan, digits)))
        digits++;
    int after = peek(scan, digits);
    if (digits == 1 && (after == 'x' || after == 'X'))
        scan->what = "a hexadecimal number: write it in decimal";
    else if (after == 'L' && digits > DIGITS_LONG_MAX)
        scan->what = "a number of more than 18 digits: write a smaller one";
    else if (after != 'L' && digits > DIGITS_MAX)
        scan->what = "a number of more than 9 digits: put L at its end";
    scan->at += digits + (after == 'L');
}

static void check_mark(scan_t *scan, char c)
{
    if (c == '{' || c == '(' || c == '[') {
        if (scan->depth == DEPTH_MAX)
            scan->what = "nested too deep: close the groups above";
        else
            scan->open[++scan->depth] = c;
    } else if ((c == '}' || c == ')' || c == ']') && scan->depth > 0)
        scan->depth--;
    scan->at++;
}

/* libconfig never frees a text that it finds where none may stand. */
static void check_string_place(scan_t *scan)
{
    bool in_list = scan->open[scan->depth] == '(' || scan->open[scan->depth] == '[';
    char before = scan->before;
    bool fits = before == '=' || before == ':' || before == '"' || before == '(' || before == '[' ||
                (before == ',' && in_list);
    if (!fits)
        scan->what = "a text where none may stand: look for a missing = or ; before it";
}

static void check_token(scan_t *scan, char c)
{
    if (c == '"') {
        check_string_place(scan);
        skip_string(scan);
        scan->before = '"';
    } else if (is_letter(c) || c == '*') {
        skip_name(scan);
        scan->before = 'a';
    } else if (is_digit(c)) {
        check_number(scan);
        scan->before = 'a';
    } else {
        check_mark(scan, c);
        scan->before = c;
    }
}

static void check_next(scan_t *scan)
{
    int c = peek(scan, 0);
    if (c == '#' || (c == '/' && peek(scan, 1) == '/'))
        skip_to_line_end(scan);
    else if (c == '/' && peek(scan, 1) == '*')
        skip_comment(scan);
    else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\n') {
        scan->line += c == '\n';
        scan->at++;
    } else
        check_token(scan, (char)c);
}

bool conf_text_check(kith_bytes_t text, unsigned *ret_line, const char **ret_what)
{
    scan_t scan = {.text = text, .line = 1};
    if (text.size > CONF_TEXT_BYTES_MAX)
        scan.what = "larger than 4 MiB: this is no configuration file";
    else
        check_lines(&scan);
    if (scan.what == NULL) {
        scan.at = 0;
        scan.line = 1;
    }
    while (scan.what == NULL && scan.at < text.size)
        check_next(&scan);
    if (scan.what == NULL)
        return true;
    *ret_line = scan.line;
    *ret_what = scan.what;
    return false;
}

/* Letters to put in, take out, change or swap with the next to make one of the other. */
static size_t distance(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > COMPARED_MAX || b_size > COMPARED_MAX)
        return COMPARED_MAX;
    size_t steps[COMPARED_MAX + 1][COMPARED_MAX + 1];
    for (size_t i = 0; i <= a_size; i++) {
        for (size_t j = 0; j <= b_size; j++) {
            if (i == 0 || j == 0) {
                steps[i][j] = i + j;
                continue;
            }
            size_t least = steps[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (steps[i - 1][j] + 1 < least)
                least = steps[i - 1][j] + 1;
            if (steps[i][j - 1] + 1 < least)
                least = steps[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                steps[i - 2][j - 2] + 1 < least)
                least = steps[i - 2][j - 2] + 1;
            steps[i][j] = least;
        }
    }
    return steps[a_size][b_size];
}

bool conf_text_is_close(const char *written, const char *meant)
{
    return distance(written, meant) <= (strlen(meant) < 6 ? 1 : 2);
}
