/* /api/v1/session: who am I, log-in, log-out; /api/v1/sessions: log-out everywhere. */
#include "web/exchange.h"

#include "base/limits.h"

#include <string.h>

/* Of no password: an unknown name takes as long as a known one. Made with this program. */
#define NO_HASH                                                                                    \
    "$argon2id$v=19$m=65536,t=2,p=1$tkY3FmuV3SAeJaj6Il0bxw$"                                       \
    "2FeRbnxJq6nApuQLRsSTP6nWRUXAHaSJ+0ulinN2pog"

static const char *asks_word(exchange_t *x, size_t draft)
{
    return kith_arena_printf(x->arena, "submit:%s", asks_draft_at(draft)->name);
}

static kith_json_t *may_list(exchange_t *x, const asks_t *may)
{
    kith_json_t *list = kith_json_list();
    for (size_t i = 0; i < asks_count(); i++)
        if (asks_has(may, i) && strcmp(asks_at(i)->name, "submit") != 0)
            kith_json_add_str(list, asks_at(i)->name);
    size_t submit = 0;
    KITH_ASSERT(asks_find("submit", &submit));
    for (size_t i = 0; i < asks_drafts_count() && asks_has(may, submit); i++)
        if (asks_has_draft(may, asks_draft_at(i)->id))
            kith_json_add_str(list, asks_word(x, i));
    return list;
}

static exchange_end say_who(const exchange_parts_t *parts, exchange_t *x)
{
    const web_user_t *user = &parts->conf->users[x->who.user];
    kith_json_t *object = kith_json_object(), *may = may_list(x, &user->role->may);
    kith_json_put_str(object, "user", user->name);
    kith_json_put_str(object, "role", user->role->name);
    kith_json_put(object, "may", &may);
    kith_json_put_str(object, "csrf", x->who.csrf);
    kith_json_put_bool(object, "by_proxy", x->who.how == WHO_PROXY);
    kith_json_put_str(object, "mail_address", parts->conf->mail_address);
    kith_json_put_str(object, "mail_box", parts->conf->mail_box);
    x->answer = answer_json(x->arena, 200, &object);
    return EXCHANGE_ANSWERED;
}

static const char *cookie_line(const exchange_t *x, const char *value, bool ends)
{
    return kith_arena_printf(
        x->arena, "Set-Cookie: %s=%s; Path=/; HttpOnly; SameSite=Strict%s%s\r\n",
        who_cookie(x->tls), value, x->tls ? "; Secure" : "", ends ? "; Max-Age=0" : "");
}

/* ---- log-in ---- */

static bool take_login(exchange_t *x, const char **ret_name, const char **ret_password)
{
    kith_json_t *body = exchange_body(x);
    if (body == NULL)
        return false;
    bool whole = kith_json_kind_of(body) == KITH_JSON_OBJECT && kith_json_count(body) == 2;
    const kith_json_t *name = whole ? kith_json_get(body, "user") : NULL;
    const kith_json_t *password = whole ? kith_json_get(body, "password") : NULL;
    whole = name != NULL && password != NULL && kith_json_kind_of(name) == KITH_JSON_STRING &&
            kith_json_kind_of(password) == KITH_JSON_STRING;
    if (whole) {
        *ret_name = kith_arena_str(x->arena, kith_json_str(name));
        *ret_password = kith_arena_str(x->arena, kith_json_str(password));
    } else {
        exchange_refuse(x, 422, "login", "write {\"user\": NAME, \"password\": PASSWORD}");
    }
    kith_json_destroy(&body);
    return whole;
}

/* The same words for a wrong password, an unknown name and a program's name. */
static exchange_end refuse_login(const exchange_parts_t *parts, exchange_t *x, size_t place,
                                 size_t user)
{
    bool locked = guard_wrong(parts->guard, place, x->mono_ms);
    x->event = locked ? "locked-out" : "login-refused";
    x->event_user = user;
    return exchange_refuse(x, 401, "login", "the name or the password is wrong");
}

static exchange_end login(const exchange_parts_t *parts, exchange_t *x)
{
    const char *name = NULL, *password = NULL;
    uint32_t wait_s = guard_login(parts->guard, x->address, x->mono_ms);
    if (wait_s > 0) {
        x->answer = answer_later(x->arena, 429, "rate", "too many attempts: wait", wait_s);
        return EXCHANGE_ANSWERED;
    }
    if (!take_login(x, &name, &password))
        return EXCHANGE_ANSWERED;
    size_t user = web_conf_user(parts->conf, name);
    size_t place = user != WEB_NO_USER ? user : guard_stranger(parts->guard, name);
    wait_s = guard_locked(parts->guard, place, x->mono_ms);
    if (wait_s > 0) {
        x->answer =
            answer_later(x->arena, 429, "locked",
                         "too many wrong passwords: this name is locked for a while", wait_s);
        return EXCHANGE_ANSWERED;
    }
    const account_password_t *account =
        user != WEB_NO_USER ? accounts_password(who_accounts_now(parts->accounts), name) : NULL;
    bool fits = secret_fits_password(account != NULL ? account->hash : NO_HASH, password);
    if (!fits || account == NULL)
        return refuse_login(parts, x, place, user);
    char id[SECRET_TEXT_SIZE];
    guard_right(parts->guard, place);
    const guard_session_t *session = guard_begin(parts->guard, user, account->hash, x->mono_ms, id);
    x->who = (who_t){.how = WHO_SESSION, .user = user, .session = session->number};
    memcpy(x->who.csrf, session->csrf, sizeof session->csrf);
    x->event = "login";
    x->event_user = user;
    say_who(parts, x);
    x->answer.more = cookie_line(x, id, false);
    return EXCHANGE_ANSWERED;
}

/* ---- log-out ---- */

static exchange_end logout(const exchange_parts_t *parts, exchange_t *x, bool everywhere)
{
    if (everywhere)
        guard_end_all(parts->guard, x->who.user);
    else
        guard_end(parts->guard, x->who.session);
    x->event = everywhere ? "logout-everywhere" : "logout";
    x->event_user = x->who.user;
    x->answer = answer_none();
    x->answer.more = cookie_line(x, "", true);
    return EXCHANGE_ANSWERED;
}

exchange_end exchange_session(const exchange_parts_t *parts, exchange_t *x)
{
    bool all = strcmp(x->request.path, "/api/v1/sessions") == 0;
    if (x->request.method == HTTP_DELETE)
        return logout(parts, x, all);
    if (x->request.method == HTTP_POST && !all)
        return login(parts, x);
    if (x->request.method == HTTP_GET && !all)
        return say_who(parts, x);
    exchange_refuse(x, 405, "method", "use GET, POST or DELETE here");
    x->answer.more = all ? "Allow: DELETE\r\n" : "Allow: GET, POST, DELETE\r\n";
    return EXCHANGE_ANSWERED;
}
