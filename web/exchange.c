/* The door: which path is what, and who may come in. */
#include "web/exchange.h"

#include <string.h>

#define API "/api/v1/"

exchange_end exchange_refuse(exchange_t *x, unsigned status, const char *rule, const char *what)
{
    x->answer = answer_problem(x->arena, status, rule, what, NULL);
    return EXCHANGE_ANSWERED;
}

static bool is_api(const exchange_t *x)
{
    return strncmp(x->request.path, API, sizeof API - 1) == 0;
}

static const char *api_name(const exchange_t *x)
{
    return x->request.path + sizeof API - 1;
}

static bool changes(const exchange_t *x)
{
    return x->request.method == HTTP_POST || x->request.method == HTTP_DELETE;
}

/* Neither needs to be known to anybody. */
static bool for_strangers(const exchange_t *x)
{
    bool login = x->request.method == HTTP_POST && strcmp(api_name(x), "session") == 0;
    return login || strcmp(api_name(x), "openapi.json") == 0;
}

static exchange_end refuse_stranger(const exchange_parts_t *parts, exchange_t *x, kith_err err)
{
    uint32_t wait_s = 0;
    if (err == KITH_DENIED) /* guessing tokens is limited as guessing passwords is */
        wait_s = guard_login(parts->guard, x->address, x->mono_ms);
    if (wait_s > 0) {
        x->answer = answer_later(x->arena, 429, "rate", "too many attempts: wait", wait_s);
        return EXCHANGE_ANSWERED;
    }
    exchange_refuse(x, 401, "session",
                    err == KITH_DENIED ? "this token or session is not known, or has ended"
                                       : "log in, or send a token: Authorization: Bearer …");
    x->answer.more = "WWW-Authenticate: Bearer realm=\"kith\"\r\n";
    return EXCHANGE_ANSWERED;
}

static exchange_end admit_stranger(exchange_t *x)
{
    if (x->request.body_size > EXCHANGE_STRANGER_BYTES_MAX)
        return exchange_refuse(x, 413, "body-size", "log in with a name and a password");
    if (changes(x) && who_forged(&x->who, &x->request) != NULL)
        return exchange_refuse(x, 403, "origin", "this request comes from another site");
    return EXCHANGE_GO_ON;
}

exchange_end exchange_admit(const exchange_parts_t *parts, exchange_t *x)
{
    if (!is_api(x)) {
        if (changes(x))
            return exchange_refuse(x, 405, "method", "a page is only read: use GET");
        return EXCHANGE_GO_ON;
    }
    x->who = (who_t){.how = WHO_NOBODY};
    if (for_strangers(x))
        return admit_stranger(x);
    kith_err err = who_asks(parts->conf, parts->guard, parts->accounts, &x->request, x->proxied,
                            x->mono_ms, x->arena, &x->who);
    if (err != KITH_OK)
        return refuse_stranger(parts, x, err);
    const char *rule = changes(x) ? who_forged(&x->who, &x->request) : NULL;
    if (rule != NULL)
        return exchange_refuse(x, 403, rule,
                               "send the session's csrf token in X-Kith-CSRF, from this site");
    uint32_t wait_s = guard_request(parts->guard, x->who.user, x->mono_ms);
    if (wait_s > 0) {
        x->answer = answer_later(x->arena, 429, "rate", "too many requests: wait", wait_s);
        return EXCHANGE_ANSWERED;
    }
    return EXCHANGE_GO_ON;
}

static exchange_end act_page(const exchange_parts_t *parts, exchange_t *x)
{
    const char *etag = http_header(&x->request, "if-none-match");
    if (parts->pages != NULL &&
        pages_find(parts->pages, x->request.path, etag, x->arena, &x->answer))
        return EXCHANGE_ANSWERED;
    return exchange_refuse(x, 404, "path", "there is nothing here; the API is under /api/v1/");
}

exchange_end exchange_act(const exchange_parts_t *parts, exchange_t *x)
{
    if (!is_api(x))
        return act_page(parts, x);
    const char *name = api_name(x);
    if (strcmp(name, "session") == 0 || strcmp(name, "sessions") == 0)
        return exchange_session(parts, x);
    if (strcmp(name, "events") == 0)
        return exchange_stream(parts, x);
    return exchange_ask(parts, x, name);
}

kith_json_t *exchange_body(exchange_t *x)
{
    const char *type = http_header(&x->request, "content-type");
    static const char json[] = "application/json";
    if (type == NULL || strncmp(type, json, sizeof json - 1) != 0 ||
        (type[sizeof json - 1] != '\0' && type[sizeof json - 1] != ';')) {
        exchange_refuse(x, 415, "content-type", "send JSON: Content-Type: application/json");
        return NULL;
    }
    kith_json_t *value = NULL;
    kith_json_error_t error;
    if (kith_json_parse(x->body, &value, &error) != KITH_OK) {
        exchange_refuse(x, 400, "json",
                        kith_arena_printf(x->arena, "line %zu, column %zu: this is no JSON",
                                          error.line, error.column));
        return NULL;
    }
    return value;
}
