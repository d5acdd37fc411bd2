#include "mail/answer.h"

#include <ctype.h>
#include <string.h>

/* In plain letters with one blank between words. */
static const struct {
    const char *words;
    Kith__Answer answer;
} SAID[] = {
    {"acting", KITH__ANSWER__ANSWER_ACTING},
    {"we are acting", KITH__ANSWER__ANSWER_ACTING},
    {"known no action", KITH__ANSWER__ANSWER_KNOWN_NO_ACTION},
    {"nothing known", KITH__ANSWER__ANSWER_NOTHING_KNOWN},
    {"cannot share", KITH__ANSWER__ANSWER_CANNOT_SHARE},
    {"can not share", KITH__ANSWER__ANSWER_CANNOT_SHARE},
};

static bool is_mark(char c)
{
    return c == '-' || c == ',' || c == '*' || c == '_' || c == '"' || c == '\'';
}

/* How much of the line these words take; 0: it does not begin with them. Marks between words count
 * as a blank: "known-no-action" and "Known, no action" are the same. */
static size_t begins(const char *line, const char *words)
{
    const char *at = line;
    while (*at != '\0' && (is_mark(*at) || *at == ' ' || *at == '\t'))
        at++;
    for (; *words != '\0'; words++) {
        if (*words == ' ') {
            const char *from = at;
            while (is_mark(*at) || *at == ' ')
                at++;
            if (at == from)
                return 0;
        } else if (tolower((unsigned char)*at++) != *words) {
            return 0;
        }
    }
    return (size_t)(at - line);
}

/* Behind the answer the line ends, or a stop does: "acting on advice we wait" is none. */
static const char *after_stop(const char *rest)
{
    static const char *const dashes[] = {"\xe2\x80\x93", "\xe2\x80\x94"};
    while (*rest == '*' || *rest == '_' || *rest == '"' || *rest == '\'')
        rest++;
    const char *at = rest + strspn(rest, " \t\r");
    if (*at == '\0' || *at == '\n')
        return at;
    if (*at != '\0' && strchr(".,:;!-", *at) != NULL && (at == rest || *at == '-'))
        return at + 1;
    for (size_t i = 0; i < 2; i++)
        if (strncmp(at, dashes[i], 3) == 0)
            return at + 3;
    return NULL;
}

/* The first line that says something. */
static const char *line_of(kith_arena_t *arena, const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strcspn(text, "\r\n");
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        size--;
    return kith_arena_printf(arena, "%.*s", (int)size, text);
}

Kith__Answer answer_of(kith_arena_t *arena, const char *text, const char **ret_reason)
{
    const char *line = text + strspn(text, " \t\r\n");
    *ret_reason = "";
    for (size_t i = 0; i < sizeof SAID / sizeof SAID[0]; i++) {
        size_t used = begins(line, SAID[i].words);
        const char *rest = used > 0 ? after_stop(line + used) : NULL;
        if (rest == NULL)
            continue;
        if (SAID[i].answer == KITH__ANSWER__ANSWER_CANNOT_SHARE)
            *ret_reason = line_of(arena, rest);
        return SAID[i].answer;
    }
    return KITH__ANSWER__ANSWER_UNSPECIFIED;
}
