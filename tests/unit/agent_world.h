/* One partnership on disk (police, housing, social care, one hub), for tests of agents/: keys, the
 * partnership file, police's configuration and store, in a scratch folder. */
#pragma once

#include "agents/agent_conf.h"
#include "agents/agent_keys.h"
#include "agents/store/agent_store.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#define AGENT_WORLD_UID 1000u

typedef struct agent_world {
    scratch_t scratch;
    char cfg[SCRATCH_PATH_SIZE];         /* agents/police.cfg */
    char partnership[SCRATCH_PATH_SIZE]; /* partnership.cfg */
    kith_arena_t *arena, *agreement_arena;
    agent_conf_t conf;
    const kith_agreement_t *agreement;
} agent_world_t;

/* cmocka setup and teardown: keys and files, loaded; no store. */
int agent_world_begin(void **state);
int agent_world_end(void **state);

char *agent_world_text(const agent_world_t *w, const char *path);
void agent_world_put(const char *path, const char *text);
/* Replaces a file of the folder with its text in which the first `old` stands as `new`. */
void agent_world_change(const agent_world_t *w, const char *path, const char *old,
                        const char *new_text);
/* Reads the files again; the error line, or NULL when all is well. */
const char *agent_world_load(agent_world_t *w);
