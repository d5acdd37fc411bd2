/* Reads HTML tag by tag, as tolerant as mail programs are; nothing is looked up or run. */
#include "mail/html.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Elements open at once; deeper ones do not count as quotes of their own. */
#define DEPTH_MAX 256u
#define NAME_SIZE 16u
#define TAG_MAX   4096u

typedef struct element {
    char name[NAME_SIZE];
    bool quote;
} element_t;

typedef struct page {
    kith_arena_t *arena;
    char *out;
    size_t used, size;
    bool failed, fresh, space; /* at a line's beginning; white space waits */
    element_t open[DEPTH_MAX];
    size_t depth, quotes;
    bool rest; /* all that follows is a quote */
} page_t;

static void put(page_t *p, const char *text, size_t size)
{
    if (p->failed || p->used + size + 1 > p->size) {
        size_t more = 2 * (p->used + size + 512);
        char *larger = p->failed ? NULL : kith_arena_alloc(p->arena, more);
        p->failed = larger == NULL;
        if (p->failed)
            return;
        if (p->used > 0)
            memcpy(larger, p->out, p->used);
        p->out = larger;
        p->size = more;
    }
    memcpy(p->out + p->used, text, size);
    p->used += size;
}

static void line_end(page_t *p)
{
    put(p, "\n", 1);
    p->fresh = true;
    p->space = false;
}

static void character(page_t *p, const char *bytes, size_t size)
{
    if (p->fresh && (p->quotes > 0 || p->rest))
        put(p, "> ", 2);
    else if (p->space && !p->fresh)
        put(p, " ", 1);
    p->fresh = p->space = false;
    put(p, bytes, size);
}

static size_t utf8(unsigned long code, char ret_bytes[4])
{
    if (code < 0x80) {
        ret_bytes[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        ret_bytes[0] = (char)(0xc0 | (code >> 6));
        ret_bytes[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        ret_bytes[0] = (char)(0xe0 | (code >> 12));
        ret_bytes[1] = (char)(0x80 | ((code >> 6) & 0x3f));
        ret_bytes[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    ret_bytes[0] = (char)(0xf0 | (code >> 18));
    ret_bytes[1] = (char)(0x80 | ((code >> 12) & 0x3f));
    ret_bytes[2] = (char)(0x80 | ((code >> 6) & 0x3f));
    ret_bytes[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* &…; at `at`; the bytes read. An unknown one stands as it is written. */
static size_t entity(page_t *p, const char *at)
{
    static const struct {
        const char *name, *text;
    } known[] = {{"&lt;", "<"},         {"&gt;", ">"},         {"&amp;", "&"},
                 {"&quot;", "\""},      {"&apos;", "'"},       {"&rsquo;", "\u2019"},
                 {"&lsquo;", "\u2018"}, {"&ndash;", "\u2013"}, {"&mdash;", "\u2014"},
                 {"&pound;", "\u00a3"}, {"&hellip;", "\u2026"}};
    if (strncasecmp(at, "&nbsp;", 6) == 0) {
        p->space = true;
        return 6;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(at, known[i].name, strlen(known[i].name)) == 0) {
            character(p, known[i].text, strlen(known[i].text));
            return strlen(known[i].name);
        }
    char *end = NULL;
    bool hex = at[1] == '#' && (at[2] == 'x' || at[2] == 'X');
    const char *digits = at + (hex ? 3 : 2);
    if (at[1] == '#' && isxdigit((unsigned char)*digits)) {
        unsigned long code = strtoul(digits, &end, hex ? 16 : 10);
        char bytes[4];
        if (end != digits && *end == ';' && code >= 0x20 && code <= 0x10ffff && code != 0x7f &&
            (code < 0xd800 || code > 0xdfff)) {
            if (code == 0xa0)
                p->space = true;
            else
                character(p, bytes, utf8(code, bytes));
            return (size_t)(end + 1 - at);
        }
    }
    character(p, "&", 1);
    return 1;
}

static bool is_in(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static bool is_block(const char *name)
{
    static const char *const names[] = {"p",  "div",   "blockquote", "tr", "li", "ul",
                                        "ol", "table", "h1",         "h2", "h3", "h4",
                                        "hr", "pre",   "body",       NULL};
    return is_in(name, names);
}

static bool is_void(const char *name)
{
    static const char *const names[] = {"br",   "hr",    "img", "meta", "link",
                                        "base", "input", "col", "o:p",  NULL};
    return is_in(name, names);
}

static void open_tag(page_t *p, const char *name, const char *tag)
{
    static const char *const after[] = {"stopSpelling", "divRplyFwdMsg", "appendonsend", NULL};
    for (const char *const *mark = after; *mark != NULL; mark++)
        if (strstr(tag, *mark) != NULL) {
            if (!p->fresh)
                line_end(p);
            p->rest = true;
        }
    if (is_block(name) && !p->fresh)
        line_end(p);
    if (strcmp(name, "br") == 0)
        line_end(p);
    if (is_void(name) || p->depth == DEPTH_MAX)
        return;
    element_t *e = &p->open[p->depth++];
    memcpy(e->name, name, NAME_SIZE);
    e->quote = strcmp(name, "blockquote") == 0 || strstr(tag, "gmail_quote") != NULL ||
               strstr(tag, "OLK_SRC_BODY_SECTION") != NULL;
    if (e->quote && !p->fresh)
        line_end(p);
    p->quotes += e->quote;
}

static void close_tag(page_t *p, const char *name)
{
    size_t at = p->depth;
    while (at > 0 && strcmp(p->open[at - 1].name, name) != 0)
        at--;
    bool ended = false;
    if (at > 0)
        while (p->depth >= at) {
            ended = ended || p->open[p->depth - 1].quote;
            p->quotes -= p->open[--p->depth].quote;
        }
    if ((is_block(name) || ended) && !p->fresh)
        line_end(p);
    if (strcmp(name, "p") == 0 && p->quotes == 0)
        line_end(p);
}

/* What stands between <name> and </name>, and is not for reading. */
static const char *skip_content(const char *at, const char *name)
{
    static const char *const hidden[] = {"style", "script", "head", "title", "xml", NULL};
    if (!is_in(name, hidden))
        return at;
    char end[NAME_SIZE + 3] = "</";
    memcpy(end + 2, name, strlen(name) + 1);
    const char *found = strcasestr(at, end);
    return found != NULL ? found : at + strlen(at);
}

/* A tag at `at` ('<'); where to go on. */
static const char *tag_at(page_t *p, const char *at)
{
    if (strncmp(at, "<!--", 4) == 0) {
        const char *end = strstr(at, "-->");
        return end != NULL ? end + 3 : at + strlen(at);
    }
    const char *end = strchr(at, '>');
    bool closing = at[1] == '/';
    const char *from = at + 1 + closing;
    if (end == NULL || (!isalpha((unsigned char)*from) && *from != '!' && *from != '?')) {
        character(p, "<", 1);
        return at + 1;
    }
    char name[NAME_SIZE] = "";
    for (size_t i = 0; i < NAME_SIZE - 1 && (isalnum((unsigned char)from[i]) || from[i] == ':');
         i++)
        name[i] = (char)tolower((unsigned char)from[i]);
    if (*name == '\0')
        return end + 1;
    if (closing) {
        close_tag(p, name);
        return end + 1;
    }
    char tag[TAG_MAX] = "";
    size_t size = (size_t)(end - at);
    memcpy(tag, at, size < TAG_MAX ? size : TAG_MAX - 1);
    if (at[size - 1] != '/' || is_void(name))
        open_tag(p, name, tag);
    return skip_content(end + 1, name);
}

const char *html_text(kith_arena_t *arena, const char *html)
{
    page_t *p = kith_arena_alloc(arena, sizeof *p);
    if (p == NULL)
        return NULL;
    p->arena = arena;
    p->fresh = true;
    for (const char *at = html; *at != '\0' && !p->failed;) {
        if (*at == '<')
            at = tag_at(p, at);
        else if (*at == '&')
            at += entity(p, at);
        else if (isspace((unsigned char)*at)) {
            p->space = true;
            at++;
        } else
            character(p, at++, 1);
    }
    put(p, "\0", 1);
    return p->failed ? NULL : p->out;
}
