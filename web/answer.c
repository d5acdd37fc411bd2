#include "web/answer.h"

#include "base/err.h"
#include "web/http.h"

#include <string.h>
#include <time.h>

#define PROBLEM_TYPE "application/problem+json"

/* No script, style or picture but from our own files, no frame, no form to elsewhere: a text with a
 * script in it can then do nothing even where it would be shown as one. */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "   \
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "               \
    "frame-ancestors 'none'; require-trusted-types-for 'script'"

answer_t answer_json(kith_arena_t *arena, unsigned status, kith_json_t **value_p)
{
    answer_t answer = {.status = status,
                       .type = "application/json",
                       .body = kith_bytes_str(kith_json_text(arena, *value_p)),
                       .more = "",
                       .cache = "no-store"};
    kith_json_destroy(value_p);
    return answer;
}

answer_t answer_none(void)
{
    return (answer_t){.status = 204, .more = "", .cache = "no-store"};
}

answer_t answer_problem(kith_arena_t *arena, unsigned status, const char *rule, const char *what,
                        const char *field)
{
    kith_json_t *problem = kith_json_object();
    kith_json_put_str(problem, "type", kith_arena_printf(arena, "urn:kith:rule:%s", rule));
    kith_json_put_str(problem, "title", http_reason(status));
    kith_json_put_int(problem, "status", status);
    kith_json_put_str(problem, "detail", what);
    kith_json_put_str(problem, "rule", rule);
    if (field != NULL && *field != '\0')
        kith_json_put_str(problem, "field", field);
    answer_t answer = answer_json(arena, status, &problem);
    answer.type = PROBLEM_TYPE;
    return answer;
}

answer_t answer_later(kith_arena_t *arena, unsigned status, const char *rule, const char *what,
                      uint32_t after_s)
{
    answer_t answer = answer_problem(arena, status, rule, what, NULL);
    answer.more = kith_arena_printf(arena, "Retry-After: %u\r\n", after_s);
    return answer;
}

static const char *date_text(kith_arena_t *arena, int64_t wall_ms)
{
    char text[40];
    time_t now = (time_t)(wall_ms / 1000);
    struct tm at;
    KITH_ASSERT(gmtime_r(&now, &at) != NULL);
    KITH_ASSERT(strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &at) > 0);
    return kith_arena_str(arena, text);
}

kith_bytes_t answer_head(kith_arena_t *arena, const answer_t *answer, bool stream, bool tls,
                         int64_t wall_ms)
{
    const char *body = "";
    if (stream)
        body = kith_arena_printf(arena, "Content-Type: %s\r\n", answer->type);
    else if (answer->type != NULL)
        body = kith_arena_printf(arena, "Content-Type: %s\r\nContent-Length: %zu\r\n", answer->type,
                                 answer->body.size);
    const char *head = kith_arena_printf(
        arena,
        "HTTP/1.1 %u %s\r\n"
        "Date: %s\r\n"
        "%s"
        "Connection: close\r\n"
        "Cache-Control: %s\r\n"
        "Content-Security-Policy: " POLICY "\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "X-Frame-Options: DENY\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cross-Origin-Opener-Policy: same-origin\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n"
        "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"
        "%s%s\r\n",
        answer->status, http_reason(answer->status), date_text(arena, wall_ms), body, answer->cache,
        tls ? "Strict-Transport-Security: max-age=31536000\r\n" : "", answer->more);
    return kith_bytes_str(head);
}
