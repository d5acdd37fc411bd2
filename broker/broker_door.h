/* Who may connect, by the present agreement: what ZAP is told, and what a frame's User-Id says.
 *
 * The User-Id names agency and key ("police/1a2b3c4d5e6f70"), so that a revoked key is known for
 * one on every frame while another key of the same agency goes on. */
#pragma once

#include "base/agreement.h"
#include "io/zap.h"

#define DOOR_USER_BYTES 64u
/* Digits of the key's name that fit beside the longest agency. */
#define DOOR_KEY_DIGITS 14u

/* Admits a current transport key of a member; denies one that is retired or revoked, and those of
 * an agency that left; not yet: a key that the file does not know, perhaps it is behind. */
zap_verdict door_decide(const kith_agreement_t *agreement, const uint8_t key[32],
                        char ret_user[DOOR_USER_BYTES]);

typedef struct door_user {
    char agency[KITH_NAME_MAX + 1];
    char key[DOOR_KEY_DIGITS + 1];
} door_user_t;
/* Reads such a User-Id. KITH_INVALID: it is none of ours (a bug, or another ZAP handler). */
kith_err door_read_user(const char *user, door_user_t *ret_user);
