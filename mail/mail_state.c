#include "mail/mail_state.h"

#include "base/limits.h"
#include "io/maildir.h"
#include "io/secret.h"
#include "io/secret_file.h"
#include "mail/outbox.h"

#include <string.h>

/* The map: address space, not disk. */
#define MAP_BYTES        (UINT64_C(4) * 1024 * KITH_MIB)
#define SECRET_BYTES_MAX 4096u
#define KEY_TEXT_BYTES   (SECRET_TEXT_SIZE - 1)

_Static_assert(TOKEN_KEY_BYTES == SECRET_BYTES, "a key is one secret");

static const char *const table_names[] = {
#define X(id, name) name,
    MAIL_TABLES(X)
#undef X
};

static store_options_t options(const mail_conf_t *conf)
{
    return (store_options_t){.folder = conf->state,
                             .map_bytes = MAP_BYTES,
                             .tables_count = MAIL_TABLES_COUNT,
                             .tables = table_names};
}

/* ---- errors, each with what to do ---- */

static kith_err explain(const mail_conf_t *conf, kith_arena_t *arena, const char *where,
                        kith_err err, const char **ret_error)
{
    const char *what = err == KITH_NOT_FOUND ? "is not there: correct the path, or make it once "
                                               "with --init"
                       : err == KITH_DENIED  ? "must be this user's alone: a file mode 0600, a "
                                               "folder mode 0700, and owned by it"
                       : err == KITH_BUSY    ? "is open: another kith-mail runs on it"
                       : err == KITH_CORRUPT ? "is damaged: move it away and make it anew with "
                                               "--init; what was not sent is made again from what "
                                               "is open at the agent"
                       : err == KITH_INVALID ? "is not what --init makes: move it away"
                                             : kith_err_text(err);
    *ret_error = kith_arena_printf(arena, "%s:1: %s %s", conf->path, where, what);
    bool is_setting = err == KITH_NOT_FOUND || err == KITH_DENIED || err == KITH_INVALID;
    return is_setting ? KITH_CONFIG : err;
}

/* ---- making ---- */

static kith_err make_key(const char *path)
{
    char text[SECRET_TEXT_SIZE + 1];
    secret_make(text);
    text[KEY_TEXT_BYTES] = '\n';
    text[KEY_TEXT_BYTES + 1] = '\0';
    return secret_file_make(path, text);
}

kith_err mail_state_init(const mail_conf_t *conf, kith_arena_t *arena, const char **ret_error)
{
    store_options_t opts = options(conf);
    kith_err err = maildir_make(conf->maildir);
    if (err != KITH_OK)
        return explain(conf, arena, conf->maildir, err, ret_error);
    kith_err made = store_init(&opts);
    if (made != KITH_OK && made != KITH_EXISTS)
        return explain(conf, arena, conf->state, made, ret_error);
    err = make_key(conf->key);
    if (err != KITH_OK && err != KITH_EXISTS)
        return explain(conf, arena, conf->key, err, ret_error);
    if (made == KITH_OK || err == KITH_OK)
        return KITH_OK;
    *ret_error = kith_arena_printf(arena, "%s:1: %s and %s are there already; nothing was changed",
                                   conf->path, conf->state, conf->key);
    return KITH_EXISTS;
}

/* ---- opening ---- */

static kith_err read_key(const char *path, kith_arena_t *arena, uint8_t ret_key[TOKEN_KEY_BYTES])
{
    char *text = NULL;
    kith_err err = secret_file_read(path, SECRET_BYTES_MAX, arena, &text);
    if (err != KITH_OK)
        return err;
    size_t size = strcspn(text, "\n");
    if (size != KEY_TEXT_BYTES || text[size + (text[size] == '\n')] != '\0')
        return KITH_INVALID;
    text[size] = '\0';
    return kith_unhex(text, ret_key, TOKEN_KEY_BYTES);
}

static kith_err read_password(const char *path, kith_arena_t *arena, const char **ret_password)
{
    char *text = NULL;
    kith_err err = path != NULL ? secret_file_read(path, SECRET_BYTES_MAX, arena, &text) : KITH_OK;
    if (err == KITH_OK && text != NULL)
        text[strcspn(text, "\r\n")] = '\0';
    if (err == KITH_OK)
        *ret_password = text;
    return err;
}

kith_err mail_state_open(const mail_conf_t *conf, kith_arena_t *arena, mail_state_t *ret_state,
                         const char **ret_error)
{
    mail_state_t state = {0};
    store_options_t opts = options(conf);
    store_start_t start = {0};
    kith_err err = read_key(conf->key, arena, state.key);
    if (err != KITH_OK)
        return explain(conf, arena, conf->key, err, ret_error);
    err = read_password(conf->smtp.password_file, arena, &state.password);
    if (err != KITH_OK)
        return explain(conf, arena, conf->smtp.password_file, err, ret_error);
    err = store_start(&opts, &state.store, &start);
    if (err != KITH_OK)
        return explain(conf, arena, conf->state, err, ret_error);
    *ret_state = state;
    return KITH_OK;
}

void mail_state_close(mail_state_t *self)
{
    store_close(&self->store);
}
