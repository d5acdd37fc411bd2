/* Reads partnership.cfg into a kith_agreement_t. Used by broker, agent and `kith config check`. */
#pragma once

#include "base/agreement.h"
#include "io/conf.h"

/* In the arena, whole; the previous one stays valid until its own arena goes. keys_begin comes
 * first (keys are tried and named). KITH_CONFIG with the one line `FILE:LINE: …` in *ret_error (in
 * the arena) and nothing else touched. */
kith_err partnership_load(const char *path, kith_arena_t *arena, kith_agreement_t **ret_agreement,
                          const char **ret_error);
/* As above for a text in memory; name stands for the file. */
kith_err partnership_load_text(const char *name, kith_bytes_t text, kith_arena_t *arena,
                               kith_agreement_t **ret_agreement, const char **ret_error);
