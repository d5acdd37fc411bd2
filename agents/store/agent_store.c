/* Making, opening and checking the agent's store. See agent_store.h. */
#include "agents/store/agent_store.h"

#include "agents/core/records.h"

#include <string.h>

static const char *const table_names[] = {
#define X(id, name) name,
    AGENT_TABLES(X)
#undef X
};
_Static_assert(sizeof table_names / sizeof *table_names == AGENT_TABLES_COUNT, "one name a table");

static store_options_t options(const agent_conf_t *conf)
{
    return (store_options_t){
        .folder = conf->store,
        .map_bytes = conf->map_bytes,
        .tables_count = AGENT_TABLES_COUNT,
        .tables = table_names,
    };
}

/* A copy is no way back: its numbers were given out already. */
#define BEGIN_ANEW                                                                                 \
    "move this folder away, have the agency's epoch raised in the partnership file, make a new "   \
    "store with --init: what is owed comes again"

/* What a start after an unclean end found; NULL: nothing of its own. */
static const char *unclean(const store_start_t *start, kith_arena_t *arena)
{
    if (start->check_died)
        return "the last run was cut off, and the store is so damaged that reading it "
               "crashes: " BEGIN_ANEW;
    if (start->damaged)
        return kith_arena_printf(arena, "the last run was cut off, and table \"%s\" is damaged: %s",
                                 start->damaged, BEGIN_ANEW);
    return NULL;
}

/* An error of io/store in words, for the one who started the program. */
static kith_err explain(const agent_conf_t *conf, kith_arena_t *arena, kith_err err,
                        const char **ret_error)
{
    const char *what = NULL;
    switch (err) {
    case KITH_NOT_FOUND:
        what = "there is no store: correct `store.folder`, or make one with --init";
        err = KITH_CONFIG;
        break;
    case KITH_EXISTS:
        what = "there is a store already: nothing was changed";
        break;
    case KITH_BUSY:
        what = "another process has this store open: stop it first";
        break;
    case KITH_CORRUPT:
        what = "stored data is damaged: run --check to see what; then " BEGIN_ANEW;
        break;
    case KITH_DENIED:
        what = "others may look into this folder, or it is another user's: chmod 0700, chown to "
               "the user that runs the agent";
        err = KITH_CONFIG;
        break;
    case KITH_FULL:
        what = "the disk, or the store's map, is full: make room and start again";
        break;
    case KITH_OK:
    case KITH_INVALID:
    case KITH_AGAIN:
    case KITH_CONFIG:
    case KITH_IO:
    case KITH_LIMIT:
    case KITH_CONFLICT:
        what = kith_err_text(err);
        break;
    }
    *ret_error = kith_arena_printf(arena, "%s:1: in %s: %s", conf->path, conf->store, what);
    return err;
}

/* KITH_NOT_FOUND: the store belongs to nobody yet, its making was cut off. */
static kith_err read_identity(kith_txn_t *txn, kith_arena_t *arena,
                              Kith__Store__AgentMeta **ret_meta)
{
    uint64_t rows = 0;
    kith_err err = kith_count(txn, AGENT_TABLE_META, &rows);
    if (err == KITH_OK && rows == 0)
        return KITH_NOT_FOUND;
    return err == KITH_OK ? record_meta(txn, arena, ret_meta) : err;
}

static kith_err write_identity(kith_store_t *store, const agent_conf_t *conf,
                               const kith_agreement_t *agreement, kith_arena_t *arena)
{
    Kith__Store__AgentMeta meta = KITH__STORE__AGENT_META__INIT, *there = NULL;
    meta.store_version = AGENT_STORE_VERSION;
    meta.agency = kith_arena_str(arena, conf->agency);
    meta.partnership = kith_arena_str(arena, agreement->partnership);
    meta.epoch = kith_agreement_agency(agreement, conf->agency)->epoch;
    kith_txn_t *txn = NULL;
    kith_err err = store_begin(store, &txn);
    if (err != KITH_OK)
        return err;
    err = read_identity(txn, arena, &there);
    err = err == KITH_OK ? KITH_EXISTS : err == KITH_NOT_FOUND ? KITH_OK : err;
    if (err == KITH_OK)
        err = record_meta_put(txn, arena, &meta);
    if (err == KITH_OK)
        return store_commit(store);
    store_abort(store);
    return err;
}

/* A making that was cut off is finished here. */
kith_err agent_store_init(const agent_conf_t *conf, const kith_agreement_t *agreement,
                          kith_arena_t *arena, const char **ret_error)
{
    store_options_t opts = options(conf);
    kith_store_t *store = NULL;
    kith_err err = store_init(&opts);
    if (err == KITH_OK || err == KITH_EXISTS)
        err = store_open(&opts, &store);
    if (err == KITH_OK)
        err = write_identity(store, conf, agreement, arena);
    store_close(&store);
    return err == KITH_OK ? KITH_OK : explain(conf, arena, err, ret_error);
}

const char *agent_store_misfit(const agent_conf_t *conf, const kith_agreement_t *agreement,
                               uint32_t epoch, uint32_t newest, kith_arena_t *arena)
{
    uint32_t named = kith_agreement_agency(agreement, conf->agency)->epoch;
    if (named > epoch)
        return kith_arena_printf(
            arena,
            "%s:1: epoch %u of %s stands in the partnership file, the store %s is of epoch %u: if "
            "that store was lost or restored, move it away and make a new one with --init; if not, "
            "have the epoch in the partnership file set back to %u",
            conf->partnership, named, conf->agency, conf->store, epoch, epoch);
    if (named < epoch)
        return kith_arena_printf(
            arena,
            "%s:1: epoch %u of %s stands in the partnership file, the store %s is already of epoch "
            "%u: fetch the partnership's newest file",
            conf->partnership, named, conf->agency, conf->store, epoch);
    if (agreement->version < newest)
        return kith_arena_printf(
            arena,
            "%s:1: version %u is older than version %u, which this agent has worked under: fetch "
            "the partnership's newest file",
            conf->partnership, agreement->version, newest);
    return NULL;
}

/* Whose store is it? NULL: ours. */
static const char *not_ours(const agent_conf_t *conf, const kith_agreement_t *agreement,
                            const Kith__Store__AgentMeta *meta, kith_arena_t *arena)
{
    if (meta->store_version != AGENT_STORE_VERSION)
        return kith_arena_printf(arena,
                                 "%s:1: the store is of version %u, this program reads version %u: "
                                 "run the kith-agent that made it, or a newer one",
                                 conf->store, meta->store_version, AGENT_STORE_VERSION);
    if (strcmp(meta->agency, conf->agency) != 0)
        return kith_arena_printf(arena,
                                 "%s:1: this is the store of agency \"%s\", not of \"%s\": correct "
                                 "`store.folder` in %s",
                                 conf->store, meta->agency, conf->agency, conf->path);
    if (strcmp(meta->partnership, agreement->partnership) != 0)
        return kith_arena_printf(arena,
                                 "%s:1: this store is of partnership \"%s\", not of \"%s\": an "
                                 "agent serves one; correct `store.folder` in %s",
                                 conf->store, meta->partnership, agreement->partnership,
                                 conf->path);
    return agent_store_misfit(conf, agreement, meta->epoch, meta->partnership_version, arena);
}

/* Reads whose it is and counts this start. KITH_CONFIG with *ret_error set. */
static kith_err begin_boot(kith_store_t *store, const agent_conf_t *conf,
                           const kith_agreement_t *agreement, kith_arena_t *arena,
                           agent_identity_t *ret_identity, const char **ret_error)
{
    kith_txn_t *txn = NULL;
    kith_err err = store_begin(store, &txn);
    if (err != KITH_OK)
        return err;
    Kith__Store__AgentMeta *meta = NULL;
    err = read_identity(txn, arena, &meta);
    if (err == KITH_OK) {
        *ret_error = not_ours(conf, agreement, meta, arena);
        if (*ret_error)
            err = KITH_CONFIG;
    }
    if (err == KITH_OK) {
        meta->boot++;
        err = record_meta_put(txn, arena, meta);
    }
    if (err != KITH_OK) {
        store_abort(store);
        return err;
    }
    *ret_identity = (agent_identity_t){
        .epoch = meta->epoch, .boot = meta->boot, .clock_ahead_ms = meta->clock_ahead_ms};
    return store_commit(store);
}

kith_err agent_store_open(const agent_conf_t *conf, const kith_agreement_t *agreement,
                          kith_arena_t *arena, kith_store_t **ret_store,
                          agent_identity_t *ret_identity, const char **ret_error)
{
    store_options_t opts = options(conf);
    kith_store_t *store = NULL;
    agent_identity_t identity = {0};
    store_start_t start = {0};
    kith_err err = store_start(&opts, &store, &start);
    const char *error = err == KITH_CORRUPT ? unclean(&start, arena) : NULL;
    if (error)
        error = kith_arena_printf(arena, "%s:1: %s", conf->store, error);
    if (err == KITH_OK)
        err = begin_boot(store, conf, agreement, arena, &identity, &error);
    if (err == KITH_OK) {
        *ret_store = store;
        *ret_identity = identity;
        ret_identity->start = start;
        return KITH_OK;
    }
    store_close(&store);
    if (!error)
        return explain(conf, arena, err, ret_error);
    *ret_error = error;
    return err;
}

kith_err agent_store_check(const agent_conf_t *conf, kith_arena_t *arena,
                           void (*visit)(const char *table, uint64_t rows, kith_err err),
                           const char **ret_error)
{
    store_options_t opts = options(conf);
    kith_store_t *store = NULL;
    kith_err err = store_open(&opts, &store);
    for (int table = 0; store && table < AGENT_TABLES_COUNT; table++) {
        uint64_t rows = 0;
        kith_err checked = store_check_table(store, table, &rows);
        visit(table_names[table], rows, checked);
        if (err == KITH_OK)
            err = checked;
    }
    store_close(&store);
    return err == KITH_OK ? KITH_OK : explain(conf, arena, err, ret_error);
}

kith_err agent_store_clock(kith_txn_t *txn, kith_arena_t *arena, int64_t *ret_ahead_ms)
{
    Kith__Store__AgentMeta *meta = NULL;
    kith_err err = record_meta(txn, arena, &meta);
    if (err == KITH_OK)
        *ret_ahead_ms = meta->clock_ahead_ms;
    return err;
}

kith_err agent_store_clock_put(kith_txn_t *txn, kith_arena_t *arena, int64_t ahead_ms)
{
    Kith__Store__AgentMeta *meta = NULL;
    kith_err err = record_meta(txn, arena, &meta);
    if (err != KITH_OK)
        return err;
    meta->clock_ahead_ms = ahead_ms;
    return record_meta_put(txn, arena, meta);
}
