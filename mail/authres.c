/* Comments and quoted texts become blanks first: nothing inside them is ever a result. */
#include "mail/authres.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static char *without_comments(kith_arena_t *arena, const char *field)
{
    char *out = kith_arena_str(arena, field);
    size_t depth = 0;
    bool quoted = false;
    for (char *at = out; *at != '\0'; at++) {
        bool hidden = quoted || depth > 0;
        if ((hidden && *at == '\\') && at[1] != '\0')
            *at++ = ' ';
        else if (*at == '"' && depth == 0)
            quoted = !quoted;
        else if (*at == '(' && !quoted)
            depth++;
        else if (*at == ')' && !quoted && depth > 0)
            depth--;
        else if (!hidden)
            continue;
        *at = ' ';
    }
    return out;
}

/* One word that follows NAME= (white space around = as people's servers write it), or NULL. */
static const char *value_of(kith_arena_t *arena, const char *part, const char *name, bool first)
{
    for (const char *at = part + strspn(part, " \t\r\n"); *at != '\0';) {
        size_t word = strcspn(at, " \t\r\n=");
        const char *after = at + word + strspn(at + word, " \t\r\n");
        if (*after == '=') {
            after += 1 + strspn(after + 1, " \t\r\n");
            size_t size = strcspn(after, " \t\r\n");
            if (word == strlen(name) && strncasecmp(at, name, word) == 0)
                return kith_arena_printf(arena, "%.*s", (int)size, after);
            after += size;
        } else if (word == 0)
            after++;
        if (first)
            return NULL;
        at = after + strspn(after, " \t\r\n");
    }
    return NULL;
}

static bool is_of_server(const char *field, const char *server)
{
    const char *at = field + strspn(field, " \t\r\n");
    size_t size = strcspn(at, " \t\r\n;");
    return *server != '\0' && size == strlen(server) && strncasecmp(at, server, size) == 0;
}

static const char *result_in(kith_arena_t *arena, char *field, const char *domain)
{
    const char *found = "";
    size_t count = 0;
    char *rest = NULL;
    (void)strtok_r(field, ";", &rest);
    for (char *part; (part = strtok_r(NULL, ";", &rest)) != NULL;) {
        const char *result = value_of(arena, part, "dmarc", true);
        const char *from = value_of(arena, part, "header.from", false);
        if (result == NULL)
            continue;
        count++;
        found = from != NULL && strcasecmp(from, domain) == 0 ? result : "";
    }
    return count == 1 ? found : "";
}

const char *authres_dmarc(kith_arena_t *arena, const letter_t *letter, const char *server)
{
    const char *at = strrchr(letter->from, '@');
    if (at == NULL)
        return "";
    for (size_t i = 0; i < letter->results_count; i++) {
        char *field = without_comments(arena, letter->results[i]);
        if (is_of_server(field, server))
            return result_in(arena, field, at + 1);
    }
    return "";
}
