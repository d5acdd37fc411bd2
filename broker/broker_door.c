#include "broker/broker_door.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static_assert(KITH_NAME_MAX + 1 + DOOR_KEY_DIGITS + 1 <= DOOR_USER_BYTES, "a User-Id fits");

static const kith_public_key_t *find_key(const kith_keyring_t *ring, const uint8_t key[32])
{
    for (size_t i = 0; i < ring->count; i++)
        if (memcmp(ring->keys[i].key, key, sizeof ring->keys[i].key) == 0)
            return &ring->keys[i];
    return NULL;
}

zap_verdict door_decide(const kith_agreement_t *agreement, const uint8_t key[32],
                        char ret_user[DOOR_USER_BYTES])
{
    for (size_t i = 0; i < agreement->agencies_count; i++) {
        const kith_agency_t *agency = &agreement->agencies[i];
        const kith_public_key_t *known = find_key(&agency->transport, key);
        if (!known)
            continue;
        if (agency->left || known->state != KITH_KEY_CURRENT)
            return ZAP_DENY;
        (void)snprintf(ret_user, DOOR_USER_BYTES, "%s/%.*s", agency->id, (int)DOOR_KEY_DIGITS,
                       known->name);
        return ZAP_ADMIT;
    }
    return ZAP_NOT_YET;
}

kith_err door_read_user(const char *user, door_user_t *ret_user)
{
    const char *slash = strchr(user, '/');
    size_t agency_size = slash ? (size_t)(slash - user) : 0;
    size_t key_size = slash ? strlen(slash + 1) : 0;
    if (agency_size == 0 || agency_size > KITH_NAME_MAX || key_size != DOOR_KEY_DIGITS)
        return KITH_INVALID;
    door_user_t read = {0};
    memcpy(read.agency, user, agency_size);
    memcpy(read.key, slash + 1, key_size);
    *ret_user = read;
    return KITH_OK;
}
