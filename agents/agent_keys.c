/* Loading keys and holding them against the partnership file. See agent_keys.h. */
#include "agents/agent_keys.h"

#include <string.h>

static const char *what_failed(kith_err err)
{
    switch (err) {
    case KITH_NOT_FOUND:
        return "there is no such key file: correct `keys`, or make keys with `kith keys new`";
    case KITH_DENIED:
        return "others may read this key, or it is another user's: chmod 0600, chown to the user "
               "that runs the agent";
    case KITH_INVALID:
        return "this is no key file: 64 hex digits on one line; restore it from its copy";
    case KITH_OK:
    case KITH_EXISTS:
    case KITH_FULL:
    case KITH_BUSY:
    case KITH_AGAIN:
    case KITH_CONFIG:
    case KITH_CORRUPT:
    case KITH_IO:
    case KITH_LIMIT:
    case KITH_CONFLICT:
        break;
    }
    return kith_err_text(err);
}

kith_err agent_keys_load(const agent_conf_t *conf, kith_arena_t *arena, kith_keys_t **ret_keys,
                         const char **ret_error)
{
    const char *file = NULL;
    kith_err err = keys_load(conf->keys, true, ret_keys, &file);
    if (err == KITH_OK)
        return KITH_OK;
    *ret_error =
        kith_arena_printf(arena, "%s/%s:1: %s", conf->keys, file ? file : "", what_failed(err));
    return KITH_CONFIG;
}

static bool current(const kith_keyring_t *ring, const uint8_t key[32])
{
    for (size_t i = 0; i < ring->count; i++) {
        if (memcmp(ring->keys[i].key, key, sizeof ring->keys[i].key) == 0)
            return ring->keys[i].state == KITH_KEY_CURRENT;
    }
    return false;
}

const char *agent_keys_misfit(const agent_conf_t *conf, const kith_agreement_t *agreement,
                              const kith_keys_t *keys, kith_arena_t *arena)
{
    const kith_agency_t *own = kith_agreement_agency(agreement, conf->agency);
    const struct {
        keys_kind kind;
        const char *word;
        const kith_keyring_t *ring;
    } kinds[] = {
        {KEYS_TRANSPORT, "transport", &own->transport},
        {KEYS_SIGNING, "signing", &own->signing},
        {KEYS_SEALING, "sealing", &own->sealing},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (current(kinds[i].ring, keys_public(keys, kinds[i].kind)))
            continue;
        return kith_arena_printf(arena,
                                 "%s/%s.key:1: its public half is no current %s key of \"%s\" in "
                                 "%s: have the line of %s/public.txt put there, or correct `keys` "
                                 "in %s",
                                 conf->keys, kinds[i].word, kinds[i].word, conf->agency,
                                 conf->partnership, conf->keys, conf->path);
    }
    return NULL;
}
