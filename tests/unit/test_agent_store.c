/* The agent's store: whose it is, how often it was started, and what it is refused for. */
#include "agents/core/tables.h"
#include "io/store_mark.h"
#include "tests/unit/agent_world.h"

#include <sys/stat.h>

static void init(agent_world_t *w)
{
    const char *error = NULL;
    assert_int_equal(agent_store_init(&w->conf, w->agreement, w->arena, &error), KITH_OK);
}

/* Opens and closes: the error code. */
static kith_err open_once(agent_world_t *w, agent_identity_t *ret_identity, const char **ret_error)
{
    kith_store_t *store = NULL;
    *ret_error = NULL;
    kith_err err =
        agent_store_open(&w->conf, w->agreement, w->arena, &store, ret_identity, ret_error);
    assert_true((err == KITH_OK) == (store != NULL));
    assert_true((err == KITH_OK) == (*ret_error == NULL));
    store_close(&store);
    return err;
}

static void a_boot_number_counts_each_start(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    const char *error = NULL;
    init(w);
    for (uint64_t boot = 1; boot <= 3; boot++) {
        assert_int_equal(open_once(w, &identity, &error), KITH_OK);
        assert_int_equal(identity.boot, boot);
        assert_int_equal(identity.epoch, 1);
    }
}

static void it_is_made_once_and_only_by_init(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    const char *error = NULL;
    assert_int_equal(open_once(w, &identity, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "--init"));
    struct stat info;
    assert_int_not_equal(stat(w->conf.store, &info), 0);
    init(w);
    assert_int_equal(agent_store_init(&w->conf, w->agreement, w->arena, &error), KITH_EXISTS);
}

static void a_making_that_was_cut_off_is_finished(void **state)
{
    agent_world_t *w = *state;
    static const char *const tables[] = {
#define X(id, name) name,
        AGENT_TABLES(X)
#undef X
    };
    store_options_t options = {.folder = w->conf.store,
                               .map_bytes = w->conf.map_bytes,
                               .tables_count = AGENT_TABLES_COUNT,
                               .tables = tables};
    agent_identity_t identity = {0};
    const char *error = NULL;
    assert_int_equal(store_init(&options), KITH_OK); /* and then the power went */
    assert_int_equal(open_once(w, &identity, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "--init"));
    init(w);
    assert_int_equal(open_once(w, &identity, &error), KITH_OK);
    assert_int_equal(identity.boot, 1);
}

static void one_process_holds_it(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    kith_store_t *store = NULL;
    const char *error = NULL;
    init(w);
    assert_int_equal(agent_store_open(&w->conf, w->agreement, w->arena, &store, &identity, &error),
                     KITH_OK);
    assert_int_equal(open_once(w, &identity, &error), KITH_BUSY);
    store_close(&store);
}

static void a_folder_open_to_others_is_refused(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    const char *error = NULL;
    init(w);
    assert_int_equal(chmod(w->conf.store, 0755), 0);
    assert_int_equal(open_once(w, &identity, &error), KITH_CONFIG);
    assert_int_equal(chmod(w->conf.store, 0700), 0);
}

static void another_agencys_store_is_refused(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    const char *error = NULL;
    init(w);
    w->conf.agency = "housing";
    assert_int_equal(open_once(w, &identity, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "\"police\""));
}

static void another_partnerships_store_is_refused(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    const char *error = NULL;
    init(w);
    agent_world_change(w, w->partnership, "exampletown", "otherton");
    assert_null(agent_world_load(w));
    assert_int_equal(open_once(w, &identity, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "otherton"));
}

static void an_epoch_that_differs_is_refused_with_the_choices(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    const char *error = NULL;
    agent_world_change(w, w->partnership, "epoch = 1", "epoch = 2");
    assert_null(agent_world_load(w));
    init(w);
    agent_world_change(w, w->partnership, "epoch = 2", "epoch = 3");
    assert_null(agent_world_load(w));
    assert_int_equal(open_once(w, &identity, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "--init"));
    agent_world_change(w, w->partnership, "epoch = 3", "epoch = 1");
    assert_null(agent_world_load(w));
    assert_int_equal(open_once(w, &identity, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "newest"));
}

static void an_older_partnership_file_is_refused(void **state)
{
    agent_world_t *w = *state;
    assert_null(agent_store_misfit(&w->conf, w->agreement, 1, 1, w->arena));
    const char *error = agent_store_misfit(&w->conf, w->agreement, 1, 2, w->arena);
    assert_non_null(error);
    assert_non_null(strstr(error, "older"));
}

static unsigned visited;

static void visit(const char *table, uint64_t rows, kith_err err)
{
    (void)rows;
    assert_non_null(table);
    assert_int_equal(err, KITH_OK);
    visited++;
}

static void a_check_reads_every_table(void **state)
{
    agent_world_t *w = *state;
    const char *error = NULL;
    init(w);
    visited = 0;
    assert_int_equal(agent_store_check(&w->conf, w->arena, visit, &error), KITH_OK);
    assert_int_equal(visited, AGENT_TABLES_COUNT);
}

static void mark(const agent_world_t *w, store_mark mark)
{
    assert_int_equal(store_mark_write(w->conf.store, STORE_MARK_OPEN), KITH_OK);
    assert_int_equal(store_mark_write(w->conf.store, mark), KITH_OK);
}

static void a_start_after_an_unclean_end_is_checked(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    const char *error = NULL;
    init(w);
    assert_int_equal(open_once(w, &identity, &error), KITH_OK);
    assert_false(identity.start.unclean);
    mark(w, STORE_MARK_OPEN);
    assert_int_equal(open_once(w, &identity, &error), KITH_OK);
    assert_true(identity.start.unclean);
    assert_int_equal(identity.start.rows, 1); /* whose it is */
    assert_int_equal(open_once(w, &identity, &error), KITH_OK);
    assert_false(identity.start.unclean);
}

static void the_exercise_clock_stays_ahead(void **state)
{
    agent_world_t *w = *state;
    agent_identity_t identity = {0};
    kith_store_t *store = NULL;
    kith_txn_t *txn = NULL;
    const char *error = NULL;
    init(w);
    assert_int_equal(agent_store_open(&w->conf, w->agreement, w->arena, &store, &identity, &error),
                     KITH_OK);
    assert_int_equal(store_begin(store, &txn), KITH_OK);
    assert_int_equal(agent_store_clock_put(txn, w->arena, 86400000), KITH_OK);
    assert_int_equal(store_commit(store), KITH_OK);
    store_close(&store);
    assert_int_equal(open_once(w, &identity, &error), KITH_OK);
    assert_int_equal(identity.clock_ahead_ms, 86400000);
    assert_int_equal(identity.boot, 2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, agent_world_begin, agent_world_end)
    const struct CMUnitTest tests[] = {
        CASE(a_boot_number_counts_each_start),
        CASE(it_is_made_once_and_only_by_init),
        CASE(a_making_that_was_cut_off_is_finished),
        CASE(one_process_holds_it),
        CASE(a_folder_open_to_others_is_refused),
        CASE(another_agencys_store_is_refused),
        CASE(another_partnerships_store_is_refused),
        CASE(an_epoch_that_differs_is_refused_with_the_choices),
        CASE(an_older_partnership_file_is_refused),
        CASE(a_check_reads_every_table),
        CASE(a_start_after_an_unclean_end_is_checked),
        CASE(the_exercise_clock_stays_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
