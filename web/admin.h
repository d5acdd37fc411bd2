/* `kith-web user …` and `kith-web token …`: who may log in, and which programs may ask. Called by
 * main only; prints, and reads a password from the terminal or standard input. */
#pragma once

#include "web/web_conf.h"

/* words: what stands behind the options, as "user", "add", "ada". An exit status. */
int admin_run(const web_conf_t *conf, kith_arena_t *arena, size_t words_count, char **words);
