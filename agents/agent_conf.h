/* The agent's configuration file (agents/AGENCY.cfg), read whole and checked before anything
 * starts.
 *
 * Called by main. What differs between agencies stands here and in the partnership file; the
 * program is the same for all. Never opens keys, the store or a socket. */
#pragma once

#include "agents/work/work.h"
#include "base/agreement.h"
#include "base/arena.h"
#include "base/err.h"

/* More people than one agent's front desk has; a gateway's own users are among them. */
#define AGENT_USERS_MAX    4096u
#define AGENT_GATEWAYS_MAX 16u
/* The kernel's sockaddr_un holds 108 bytes with its NUL. */
#define AGENT_SOCKET_PATH_MAX 107u
/* A user who comes through a gateway only. */
#define AGENT_NO_UID UINT32_MAX

/* A person of this agency as the configuration names them. */
typedef struct agent_user {
    uint32_t uid;     /* what the kernel reports on the local socket */
    const char *name; /* what a gateway says in on_behalf_of; written into the record of looks */
    const char *role; /* author of what this user writes, unless the draft names another */
} agent_user_t;

/* All strings live in the arena given to agent_conf_load; paths are absolute or from the process's
 * working folder. */
typedef struct agent_conf {
    const char *path; /* of the file itself, for messages */
    const char *agency;
    const char *partnership; /* path */
    const char *keys;        /* folder */
    size_t brokers_count;
    const char **brokers; /* ids, in order of preference */
    const char *store;    /* folder */
    uint64_t map_bytes, reserve_bytes;
    const char *socket;
    int socket_mode; /* 0600 or 0660 */
    size_t users_count, gateways_count;
    agent_user_t *users;
    uint32_t *gateways;
    int64_t resend_urgent_ms, resend_normal_ms, resend_max_ms;
    int64_t later_ms, later_max_ms;
    work_rounds_t rounds;
} agent_conf_t;

/* Reads the file, and the partnership file it names into an arena of its own. KITH_CONFIG:
 * *ret_error is the one line `FILE:LINE: what and what to do` (in `arena`); nothing else is
 * touched. */
kith_err agent_conf_load(const char *path, kith_arena_t *arena, kith_arena_t *agreement_arena,
                         agent_conf_t *ret_conf, const kith_agreement_t **ret_agreement,
                         const char **ret_error);

/* Does a partnership file (read anew) still name this agency and its brokers? NULL: it does; else
 * what is wrong and what to do (in the arena), and *ret_setting, the setting here that says other.
 */
const char *agent_conf_misfit(const agent_conf_t *conf, const kith_agreement_t *agreement,
                              kith_arena_t *arena, const char **ret_setting);

/* NULL when there is none. Borrowed from the configuration. */
const agent_user_t *agent_conf_user_by_uid(const agent_conf_t *conf, uint32_t uid);
const agent_user_t *agent_conf_user_by_name(const agent_conf_t *conf, const char *name);
bool agent_conf_gateway(const agent_conf_t *conf, uint32_t uid);
