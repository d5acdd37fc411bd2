#include "broker/broker_conf.h"

#include "base/limits.h"
#include "io/conf.h"
#include "io/conf_store.h"
#include "io/partnership.h"

#include <string.h>

#define MESSAGES_MAX    INT64_C(100000000)
#define LIVENESS_MS     INT64_C(30000)
#define LIVENESS_MS_MIN INT64_C(300)
#define LIVENESS_MS_MAX INT64_C(3600000)

static void read_limits(kith_conf_t *conf, const conf_group_t *root, broker_conf_t *c)
{
    c->mailbox_messages_max = KITH_MAILBOX_MESSAGES_MAX;
    c->mailbox_bytes_max = KITH_MAILBOX_BYTES_MAX;
    const conf_group_t *g = conf_group(conf, root, "limits", false);
    if (!g)
        return;
    c->mailbox_messages_max = (uint64_t)conf_int_or(conf, g, "mailbox_messages", 1, MESSAGES_MAX,
                                                    KITH_MAILBOX_MESSAGES_MAX);
    /* The largest message must fit an empty mailbox, or it would wait at its origin for ever. */
    c->mailbox_bytes_max = conf_size_or(conf, g, "mailbox_bytes", KITH_FRAME_BYTES_MAX,
                                        CONF_MAP_BYTES_MAX, KITH_MAILBOX_BYTES_MAX);
}

static kith_err failed(const char **ret_error, const char *error)
{
    *ret_error = error;
    return KITH_CONFIG;
}

/* The partnership file, and whether it names this broker. */
static kith_err read_agreement(kith_conf_t *conf, const conf_group_t *root, const broker_conf_t *c,
                               kith_arena_t *arena, kith_arena_t *agreement_arena,
                               const kith_agreement_t **ret_agreement, const char **ret_error)
{
    kith_agreement_t *agreement = NULL;
    const char *error = NULL;
    if (partnership_load(c->partnership, agreement_arena, &agreement, &error) != KITH_OK)
        return failed(ret_error, kith_arena_str(arena, error));
    if (!kith_agreement_broker(agreement, c->broker)) {
        conf_fail(conf, root, "broker",
                  "broker \"%s\" is not in %s: correct the name, or ask for a partnership file "
                  "with this broker in it",
                  c->broker, c->partnership);
        return failed(ret_error, kith_arena_str(arena, conf_error(conf)));
    }
    *ret_agreement = agreement;
    return KITH_OK;
}

kith_err broker_conf_load(const char *path, kith_arena_t *arena, kith_arena_t *agreement_arena,
                          broker_conf_t *ret_conf, const kith_agreement_t **ret_agreement,
                          const char **ret_error)
{
    broker_conf_t c = {.path = kith_arena_str(arena, path)};
    kith_conf_t *conf = conf_open(path, arena);
    const conf_group_t *root = conf_root(conf);
    c.broker = conf_name(conf, root, "broker");
    c.listen = conf_str(conf, root, "listen");
    c.partnership = conf_path(conf, root, "partnership");
    c.keys = conf_path(conf, root, "keys");
    conf_store(conf, root, &c.store, &c.map_bytes, &c.reserve_bytes);
    read_limits(conf, root, &c);
    c.liveness_ms =
        conf_duration_or(conf, root, "liveness", LIVENESS_MS_MIN, LIVENESS_MS_MAX, LIVENESS_MS);
    kith_err err = conf_finish(conf);
    if (err != KITH_OK)
        err = failed(ret_error, kith_arena_str(arena, conf_error(conf)));
    else
        err = read_agreement(conf, root, &c, arena, agreement_arena, ret_agreement, ret_error);
    conf_close(&conf);
    if (err == KITH_OK)
        *ret_conf = c;
    return err;
}

static bool is_current(const kith_keyring_t *ring, const uint8_t key[32])
{
    for (size_t i = 0; i < ring->count; i++)
        if (memcmp(ring->keys[i].key, key, sizeof ring->keys[i].key) == 0)
            return ring->keys[i].state == KITH_KEY_CURRENT;
    return false;
}

const char *broker_conf_keys_misfit(const broker_conf_t *conf, const kith_agreement_t *agreement,
                                    const kith_keys_t *keys, kith_arena_t *arena)
{
    const kith_broker_entry_t *entry = kith_agreement_broker(agreement, conf->broker);
    if (!entry)
        return kith_arena_printf(arena,
                                 "%s:1: broker \"%s\" is not in it any more: put it back, or stop "
                                 "this broker",
                                 conf->partnership, conf->broker);
    const char *wrong = NULL;
    if (!is_current(&entry->transport, keys_public(keys, KEYS_TRANSPORT)))
        wrong = "transport";
    else if (!is_current(&entry->signing, keys_public(keys, KEYS_SIGNING)))
        wrong = "signing";
    if (!wrong)
        return NULL;
    return kith_arena_printf(arena,
                             "%s:1: the %s key in %s is no current one of broker \"%s\" in %s: put "
                             "its public half (%s/public.txt) there",
                             conf->path, wrong, conf->keys, conf->broker, conf->partnership,
                             conf->keys);
}
