/* Reads agents/AGENCY.cfg. One function a group of settings; conf.h keeps the first thing wrong. */
#include "agents/agent_conf.h"

#include "base/limits.h"
#include "io/conf.h"
#include "io/conf_store.h"
#include "io/partnership.h"
#include "io/partnership_clocks.h"

#include <string.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

static void read_brokers(kith_conf_t *conf, const conf_group_t *root, agent_conf_t *c)
{
    c->brokers_count = conf_strings(conf, root, "brokers", true, KITH_BROKERS_MAX, &c->brokers);
    if (c->brokers_count == 0)
        conf_fail(conf, root, "brokers", "name at least one broker of the partnership file");
    for (size_t i = 0; i < c->brokers_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(c->brokers[i], c->brokers[j]) == 0)
                conf_fail(conf, root, "brokers", "broker \"%s\" stands here twice: name it once",
                          c->brokers[i]);
        }
    }
}

static void read_api(kith_conf_t *conf, const conf_group_t *root, agent_conf_t *c)
{
    const conf_group_t *g = conf_group(conf, root, "api", true);
    if (!g)
        return;
    c->socket = conf_path(conf, g, "socket");
    if (c->socket && strlen(c->socket) > AGENT_SOCKET_PATH_MAX)
        conf_fail(conf, g, "socket", "the path is longer than %u bytes: choose a shorter one",
                  AGENT_SOCKET_PATH_MAX);
    const char *mode = conf_str_or(conf, g, "mode", "0600");
    c->socket_mode = 0600;
    if (mode && strcmp(mode, "0660") == 0)
        c->socket_mode = 0660;
    else if (mode && strcmp(mode, "0600") != 0)
        conf_fail(conf, g, "mode", "\"%s\" is no mode for it: write \"0600\" or \"0660\"", mode);
}

static void check_user(kith_conf_t *conf, const conf_group_t *g, const agent_conf_t *c,
                       const agent_user_t *user)
{
    if (!user->name || !user->role)
        return; /* the error is kept already */
    if (!*user->name || strlen(user->name) > KITH_LINE_BYTES_MAX)
        conf_fail(conf, g, "name", "a user has a name of 1 to %u bytes", KITH_LINE_BYTES_MAX);
    if (!*user->role || strlen(user->role) > KITH_LINE_BYTES_MAX)
        conf_fail(conf, g, "role", "a user has a role of 1 to %u bytes", KITH_LINE_BYTES_MAX);
    if (user->uid != AGENT_NO_UID && agent_conf_user_by_uid(c, user->uid))
        conf_fail(conf, g, "uid", "uid %u is another user's: one person, one uid", user->uid);
    if (agent_conf_user_by_name(c, user->name))
        conf_fail(conf, g, "name", "this name is another user's: names tell people apart");
}

static void read_users(kith_conf_t *conf, const conf_group_t *root, kith_arena_t *arena,
                       agent_conf_t *c)
{
    size_t count = conf_list(conf, root, "users", true, AGENT_USERS_MAX);
    c->users = kith_arena_need(arena, (count + 1) * sizeof *c->users);
    for (size_t i = 0; i < count && !conf_error(conf); i++) {
        const conf_group_t *g = conf_list_at(conf, root, "users", i);
        int64_t uid = conf_int_or(conf, g, "uid", 0, AGENT_NO_UID - 1, -1);
        agent_user_t user = {
            .uid = uid < 0 ? AGENT_NO_UID : (uint32_t)uid,
            .name = conf_str(conf, g, "name"),
            .role = conf_str(conf, g, "role"),
        };
        check_user(conf, g, c, &user);
        if (!conf_error(conf))
            c->users[c->users_count++] = user;
    }
    const int64_t *uids = NULL;
    size_t gateways =
        conf_ints(conf, root, "gateways", false, 0, AGENT_NO_UID - 1, AGENT_GATEWAYS_MAX, &uids);
    c->gateways = kith_arena_need(arena, (gateways + 1) * sizeof *c->gateways);
    for (size_t i = 0; i < gateways; i++)
        c->gateways[c->gateways_count++] = (uint32_t)uids[i];
}

static void read_pauses(kith_conf_t *conf, const conf_group_t *root, agent_conf_t *c)
{
    const int64_t least = 100, most = 7 * DAY_MS;
    c->resend_urgent_ms = MINUTE_MS;
    c->resend_normal_ms = HOUR_MS;
    c->resend_max_ms = DAY_MS;
    c->later_ms = SECOND_MS;
    c->later_max_ms = 5 * MINUTE_MS;
    const conf_group_t *g = conf_group(conf, root, "resend", false);
    if (g) {
        c->resend_urgent_ms = conf_duration_or(conf, g, "urgent", least, most, MINUTE_MS);
        c->resend_normal_ms = conf_duration_or(conf, g, "normal", least, most, HOUR_MS);
        c->resend_max_ms = conf_duration_or(conf, g, "max", least, most, DAY_MS);
        if (c->resend_max_ms < c->resend_urgent_ms || c->resend_max_ms < c->resend_normal_ms)
            conf_fail(conf, g, "max", "less than the first pause: pauses double up to this");
    }
    g = conf_group(conf, root, "later", false);
    if (g) {
        c->later_ms = conf_duration_or(conf, g, "first", least, most, SECOND_MS);
        c->later_max_ms = conf_duration_or(conf, g, "max", least, most, 5 * MINUTE_MS);
        if (c->later_max_ms < c->later_ms)
            conf_fail(conf, g, "max", "less than the first pause: pauses double up to this");
    }
}

static int32_t read_digest(kith_conf_t *conf, const conf_group_t *g)
{
    if (strcmp(conf_str_or(conf, g, "digest", "16:00"), "none") == 0)
        return WORK_NO_DIGEST;
    int32_t digest_ms = partnership_time(conf, g, "digest");
    if (digest_ms >= DAY_MS)
        conf_fail(conf, g, "digest", "\"digest\" must be a time of day before 24:00, or \"none\"");
    return digest_ms;
}

/* When this agency's people are told what is new. */
static void read_rounds(kith_conf_t *conf, const conf_group_t *root, agent_conf_t *c)
{
    work_rounds_t *rounds = &c->rounds;
    *rounds = (work_rounds_t){.wait_ms = 30 * SECOND_MS,
                              .interval_ms = 5 * MINUTE_MS,
                              .repeat_ms = DAY_MS,
                              .digest_ms = 16 * (int32_t)HOUR_MS,
                              .working_days = true};
    const conf_group_t *g = conf_group(conf, root, "feed", false);
    if (!g)
        return;
    rounds->wait_ms = conf_duration_or(conf, g, "wait", 0, HOUR_MS, rounds->wait_ms);
    rounds->interval_ms = conf_duration_or(conf, g, "interval", 0, DAY_MS, rounds->interval_ms);
    rounds->repeat_ms = conf_duration_or(conf, g, "repeat", HOUR_MS, 30 * DAY_MS, DAY_MS);
    if (conf_str_or(conf, g, "digest", NULL) != NULL)
        rounds->digest_ms = read_digest(conf, g);
    const char *days = conf_str_or(conf, g, "days", "working");
    rounds->working_days = strcmp(days, "working") == 0;
    if (!rounds->working_days && strcmp(days, "every") != 0)
        conf_fail(conf, g, "days", "\"days\" must be \"working\" or \"every\"");
    if (rounds->repeat_ms <= rounds->interval_ms)
        conf_fail(conf, g, "repeat", "\"repeat\" must be longer than \"interval\"");
}

static kith_err failed(const char **ret_error, const char *error)
{
    *ret_error = error;
    return KITH_CONFIG;
}

/* The partnership file, and whether it names what stands in this one. */
static kith_err read_agreement(kith_conf_t *conf, const conf_group_t *root, const agent_conf_t *c,
                               kith_arena_t *arena, kith_arena_t *agreement_arena,
                               const kith_agreement_t **ret_agreement, const char **ret_error)
{
    kith_agreement_t *agreement = NULL;
    const char *error = NULL;
    if (partnership_load(c->partnership, agreement_arena, &agreement, &error) != KITH_OK)
        return failed(ret_error, kith_arena_str(arena, error));
    const char *setting = NULL;
    const char *misfit = agent_conf_misfit(c, agreement, arena, &setting);
    if (misfit) {
        conf_fail(conf, root, setting, "%s", misfit);
        return failed(ret_error, kith_arena_str(arena, conf_error(conf)));
    }
    *ret_agreement = agreement;
    return KITH_OK;
}

kith_err agent_conf_load(const char *path, kith_arena_t *arena, kith_arena_t *agreement_arena,
                         agent_conf_t *ret_conf, const kith_agreement_t **ret_agreement,
                         const char **ret_error)
{
    agent_conf_t c = {.path = kith_arena_str(arena, path)};
    kith_conf_t *conf = conf_open(path, arena);
    const conf_group_t *root = conf_root(conf);
    c.agency = conf_name(conf, root, "agency");
    c.partnership = conf_path(conf, root, "partnership");
    c.keys = conf_path(conf, root, "keys");
    read_brokers(conf, root, &c);
    conf_store(conf, root, &c.store, &c.map_bytes, &c.reserve_bytes);
    read_api(conf, root, &c);
    read_users(conf, root, arena, &c);
    read_pauses(conf, root, &c);
    read_rounds(conf, root, &c);
    kith_err err = conf_finish(conf);
    if (err != KITH_OK)
        err = failed(ret_error, kith_arena_str(arena, conf_error(conf)));
    else
        err = read_agreement(conf, root, &c, arena, agreement_arena, ret_agreement, ret_error);
    conf_close(&conf);
    if (err == KITH_OK)
        *ret_conf = c;
    return err;
}

const char *agent_conf_misfit(const agent_conf_t *conf, const kith_agreement_t *agreement,
                              kith_arena_t *arena, const char **ret_setting)
{
    if (!kith_agreement_agency(agreement, conf->agency)) {
        *ret_setting = "agency";
        return kith_arena_printf(arena,
                                 "agency \"%s\" is not in %s: correct the name, or ask for a "
                                 "partnership file with this agency in it",
                                 conf->agency, conf->partnership);
    }
    for (size_t i = 0; i < conf->brokers_count; i++) {
        if (kith_agreement_broker(agreement, conf->brokers[i]))
            continue;
        *ret_setting = "brokers";
        return kith_arena_printf(arena,
                                 "broker \"%s\" is not in %s: correct the name, or ask for a "
                                 "partnership file with this broker in it",
                                 conf->brokers[i], conf->partnership);
    }
    return NULL;
}

const agent_user_t *agent_conf_user_by_uid(const agent_conf_t *conf, uint32_t uid)
{
    for (size_t i = 0; i < conf->users_count; i++) {
        if (conf->users[i].uid == uid && uid != AGENT_NO_UID)
            return &conf->users[i];
    }
    return NULL;
}

const agent_user_t *agent_conf_user_by_name(const agent_conf_t *conf, const char *name)
{
    for (size_t i = 0; i < conf->users_count; i++) {
        if (strcmp(conf->users[i].name, name) == 0)
            return &conf->users[i];
    }
    return NULL;
}

bool agent_conf_gateway(const agent_conf_t *conf, uint32_t uid)
{
    for (size_t i = 0; i < conf->gateways_count; i++) {
        if (conf->gateways[i] == uid)
            return true;
    }
    return false;
}
