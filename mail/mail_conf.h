/* mail.cfg: our own address, and whose word on a sender is believed. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

typedef struct mail_conf {
    const char *address; /* where answers go and what we write from, in lower case */
    const char *server;  /* the authserv-id of the agency's own mail server */
} mail_conf_t;

/* KITH_CONFIG with *ret_error: one line, FILE:LINE: what is wrong and what would be right. */
kith_err mail_conf_load(const char *path, kith_arena_t *arena, mail_conf_t *ret_conf,
                        const char **ret_error);
