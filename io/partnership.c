#include "io/partnership.h"

#include "base/id.h"
#include "base/text.h"
#include "io/keys.h"
#include "io/partnership_alerts.h"
#include "io/partnership_clocks.h"
#include "io/partnership_pots.h"
#include "io/partnership_rules.h"
#include "io/partnership_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_MAX   999999999
#define EXPIRES_MAX (INT64_C(3650) * 24 * 3600 * 1000)
/* What a socket's address holds (sun_path), with its NUL. */
#define IPC_PATH_MAX 107

/* Each key once in the whole partnership: what one key says must have one meaning. */
typedef struct seen_key {
    struct seen_key *next;
    const kith_public_key_t *key;
    const conf_group_t *group;
    size_t order; /* in the file */
} seen_key_t;

typedef struct loader {
    kith_conf_t *conf;
    kith_arena_t *arena;
    kith_agreement_t *a;
    keys_half_t half; /* to try each key with */
    seen_key_t *seen;
    size_t seen_count;
} loader_t;

static bool failed(const loader_t *l)
{
    return conf_error(l->conf) != NULL;
}

static const conf_group_t *root_of(const loader_t *l)
{
    return conf_root(l->conf);
}

/* An array in the arena, NULL when it is full. */
static void *take(loader_t *l, size_t count, size_t size)
{
    void *taken = kith_arena_alloc(l->arena, count * size);
    if (taken == NULL)
        conf_fail(l->conf, NULL, NULL, "holds more than there is room for: make the file smaller");
    return taken;
}

/* Text that people read: not empty, one line. */
static const char *load_line(loader_t *l, const conf_group_t *g, const char *name)
{
    const char *text = conf_str(l->conf, g, name);
    if (*text == '\0' || strlen(text) > KITH_LINE_BYTES_MAX)
        conf_fail(l->conf, g, name, "\"%s\" must have 1 to %u bytes", name, KITH_LINE_BYTES_MAX);
    return text;
}

/* ---- keys ---- */

static kith_key_state load_key_state(loader_t *l, const conf_group_t *g)
{
    const char *text = conf_str(l->conf, g, "state");
    if (strcmp(text, "current") == 0)
        return KITH_KEY_CURRENT;
    if (strcmp(text, "retired") == 0)
        return KITH_KEY_RETIRED;
    if (strcmp(text, "revoked") != 0)
        conf_fail(l->conf, g, "state", "\"state\" must be \"current\", \"retired\" or \"revoked\"");
    return KITH_KEY_REVOKED;
}

static void load_key(loader_t *l, const conf_group_t *g, keys_kind kind, kith_public_key_t *key)
{
    uint8_t scratch[32];
    const char *hex = conf_str(l->conf, g, "key");
    if (strlen(hex) != 2 * sizeof(key->key) ||
        kith_unhex(hex, key->key, sizeof(key->key)) != KITH_OK)
        conf_fail(l->conf, g, "key", "\"key\" must be the 64 hex digits of a public key");
    /* With such a key anybody could read what is sealed to it. */
    if (!failed(l) && kind != KEYS_SIGNING &&
        keys_wrap_key_sender(&l->half, key->key, scratch) != KITH_OK)
        conf_fail(l->conf, g, "key", "\"key\" is no usable key: make a new one");
    key->state = load_key_state(l, g);
    keys_name(key->key, key->name);
    seen_key_t *seen = take(l, 1, sizeof(*seen));
    if (seen == NULL)
        return;
    *seen = (seen_key_t){.next = l->seen, .key = key, .group = g, .order = l->seen_count++};
    l->seen = seen;
}

/* A stolen key is revoked before there is a new one; until then its owner stays outside. */
static bool has_revoked(const kith_keyring_t *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].state == KITH_KEY_REVOKED)
            return true;
    return false;
}

/* A member needs a current key of each kind, unless one was revoked; one that left keeps what
 * verifies its old notices. */
static void load_ring(loader_t *l, const conf_group_t *g, keys_kind kind, bool left,
                      kith_keyring_t *ring)
{
    static const char *const names[KEYS_KINDS] = {
        [KEYS_TRANSPORT] = "transport", [KEYS_SIGNING] = "signing", [KEYS_SEALING] = "sealing"};
    const char *name = names[kind];
    ring->count = conf_list(l->conf, g, name, !left, KITH_KEYS_EACH_MAX);
    for (size_t i = 0; i < ring->count; i++)
        load_key(l, conf_list_at(l->conf, g, name, i), kind, &ring->keys[i]);
    if (!left && kith_keyring_current(ring) == NULL && !has_revoked(ring))
        conf_fail(l->conf, g, name, "no current key among \"%s\": add one", name);
}

static int compare_seen(const void *a, const void *b)
{
    const seen_key_t *const *left = a, *const *right = b;
    int order = memcmp((*left)->key->key, (*right)->key->key, sizeof((*left)->key->key));
    if (order != 0)
        return order;
    return (*left)->order < (*right)->order ? -1 : 1;
}

static void check_keys_once(loader_t *l)
{
    seen_key_t **sorted = take(l, l->seen_count, sizeof(seen_key_t *));
    size_t count = 0;
    for (seen_key_t *seen = l->seen; seen != NULL && sorted != NULL; seen = seen->next)
        sorted[count++] = seen;
    if (count > 1)
        qsort(sorted, count, sizeof(seen_key_t *), compare_seen);
    for (size_t i = 1; i < count; i++) {
        if (memcmp(sorted[i]->key->key, sorted[i - 1]->key->key, sizeof(sorted[i]->key->key)) == 0)
            conf_fail(l->conf, sorted[i]->group, "key",
                      "this key stands elsewhere too: each key may be listed once");
    }
}

/* ---- members ---- */

/* The one it names, else the file's first. */
static void load_calendar(loader_t *l, const conf_group_t *g, kith_agency_t *agency)
{
    const char *id = conf_str_or(l->conf, g, "calendar", "");
    bool named = *id != '\0';
    agency->calendar = named                       ? kith_agreement_calendar(l->a, id)
                       : l->a->calendars_count > 0 ? &l->a->calendars[0]
                                                   : NULL;
    if (named && agency->calendar == NULL)
        conf_fail(l->conf, g, "calendar", "\"%s\" is no calendar of this file: correct the id", id);
}

/* Roles of the ladder, or that lead: another name would be a mistake that nobody sees. */
static void load_unstaffed(loader_t *l, const conf_group_t *g, kith_agency_t *agency)
{
    const kith_ladder_t *ladder = &l->a->ladder;
    agency->unstaffed_count =
        conf_strings(l->conf, g, "unstaffed", false, 2 * KITH_LADDER_MAX, &agency->unstaffed);
    for (size_t i = 0; i < agency->unstaffed_count && !failed(l); i++) {
        bool known = false;
        for (size_t k = 0; k < ladder->count; k++)
            known = known || strcmp(ladder->steps[k].role, agency->unstaffed[i]) == 0;
        for (size_t k = 0; k < l->a->lead_roles_count; k++)
            known = known || strcmp(l->a->lead_roles[k], agency->unstaffed[i]) == 0;
        if (!known)
            conf_fail(l->conf, g, "unstaffed",
                      "\"%s\" is no role of the ladder, nor of \"lead_roles\": correct it",
                      agency->unstaffed[i]);
    }
}

static void load_agency(loader_t *l, const conf_group_t *g, kith_agency_t *agency)
{
    agency->id = conf_name(l->conf, g, "id");
    agency->name = load_line(l, g, "name");
    agency->phone = conf_str_or(l->conf, g, "phone", "");
    if (strlen(agency->phone) > KITH_LINE_BYTES_MAX)
        conf_fail(l->conf, g, "phone", "\"phone\" must have %u bytes at most", KITH_LINE_BYTES_MAX);
    agency->epoch = (uint32_t)conf_int(l->conf, g, "epoch", 1, EPOCH_MAX);
    agency->left = conf_bool_or(l->conf, g, "left", false);
    load_calendar(l, g, agency);
    load_unstaffed(l, g, agency);
    load_ring(l, g, KEYS_TRANSPORT, agency->left, &agency->transport);
    load_ring(l, g, KEYS_SIGNING, agency->left, &agency->signing);
    load_ring(l, g, KEYS_SEALING, agency->left, &agency->sealing);
}

static void load_agencies(loader_t *l)
{
    size_t count = conf_list(l->conf, root_of(l), "agencies", true, KITH_AGENCIES_MAX);
    if (count == 0)
        conf_fail(l->conf, root_of(l), "agencies", "\"agencies\" names nobody: add the members");
    l->a->agencies = take(l, count, sizeof(kith_agency_t));
    for (size_t i = 0; i < count && !failed(l); i++) {
        const conf_group_t *g = conf_list_at(l->conf, root_of(l), "agencies", i);
        load_agency(l, g, &l->a->agencies[i]);
        if (kith_agreement_agency(l->a, l->a->agencies[i].id) != NULL)
            conf_fail(l->conf, g, "id", "agency \"%s\" is listed twice: choose another id",
                      l->a->agencies[i].id);
        l->a->agencies_count = i + 1;
    }
}

static bool is_port(const char *text)
{
    unsigned port = 0;
    size_t size = strlen(text);
    for (size_t i = 0; i < size && size <= 5; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return size <= 5 && port >= 1 && port <= 65535;
}

/* What an agent can dial: tcp://host:port, with an IPv6 address in brackets, or ipc://path. */
static bool is_endpoint(const char *text)
{
    static const char host_letters[] = "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    static const char ip6_letters[] = "abcdefABCDEF0123456789:.";
    if (strncmp(text, "ipc://", 6) == 0)
        return text[6] != '\0' && strlen(text + 6) <= IPC_PATH_MAX;
    if (strncmp(text, "tcp://", 6) != 0)
        return false;
    const char *host = text + 6;
    bool in_brackets = *host == '[';
    host += in_brackets;
    size_t size = strspn(host, in_brackets ? ip6_letters : host_letters);
    const char *end = host + size;
    if (size == 0 || (in_brackets && *end++ != ']'))
        return false;
    return *end == ':' && is_port(end + 1);
}

static void load_broker(loader_t *l, const conf_group_t *g, kith_broker_entry_t *broker)
{
    broker->id = conf_name(l->conf, g, "id");
    broker->endpoint = conf_str(l->conf, g, "endpoint");
    if (!is_endpoint(broker->endpoint))
        conf_fail(l->conf, g, "endpoint", "\"endpoint\" must be tcp://host:port or ipc://path");
    load_ring(l, g, KEYS_TRANSPORT, false, &broker->transport);
    load_ring(l, g, KEYS_SIGNING, false, &broker->signing);
}

/* A broker's name differs from those of the agencies too: one name in a log is one process. */
static void load_brokers(loader_t *l)
{
    size_t count = conf_list(l->conf, root_of(l), "brokers", true, KITH_BROKERS_MAX);
    if (count == 0)
        conf_fail(l->conf, root_of(l), "brokers", "\"brokers\" names none: add one");
    l->a->brokers = take(l, count, sizeof(kith_broker_entry_t));
    for (size_t i = 0; i < count && !failed(l); i++) {
        const conf_group_t *g = conf_list_at(l->conf, root_of(l), "brokers", i);
        kith_broker_entry_t *broker = &l->a->brokers[i];
        load_broker(l, g, broker);
        if (kith_agreement_agency(l->a, broker->id) != NULL ||
            kith_agreement_broker(l->a, broker->id) != NULL)
            conf_fail(l->conf, g, "id", "\"%s\" is listed twice: choose another id", broker->id);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(l->a->brokers[j].endpoint, broker->endpoint) == 0)
                conf_fail(l->conf, g, "endpoint", "\"%s\" is another broker's endpoint: correct it",
                          broker->endpoint);
        }
        l->a->brokers_count = i + 1;
    }
}

/* ---- what may be said ---- */

static Kith__Notice__BodyCase load_type(loader_t *l, const conf_group_t *g)
{
    static const struct {
        const char *word;
        Kith__Notice__BodyCase type;
    } types[] = {
        {"event", KITH__NOTICE__BODY_EVENT},
        {"referral", KITH__NOTICE__BODY_REFERRAL},
        {"referral-answer", KITH__NOTICE__BODY_REFERRAL_ANSWER},
        {"alert", KITH__NOTICE__BODY_ALERT},
        {"reply", KITH__NOTICE__BODY_REPLY},
        {"alert-change", KITH__NOTICE__BODY_ALERT_CHANGE},
        {"disagreement", KITH__NOTICE__BODY_DISAGREEMENT},
        {"household", KITH__NOTICE__BODY_HOUSEHOLD_CHANGE},
        {"seen", KITH__NOTICE__BODY_SEEN},
        {"directory", KITH__NOTICE__BODY_DIRECTORY},
        {"assessment", KITH__NOTICE__BODY_ASSESSMENT},
        {"plan", KITH__NOTICE__BODY_PLAN},
        {"small-help", KITH__NOTICE__BODY_SMALL_HELP},
    };
    const char *word = conf_str(l->conf, g, "type");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].word, word) == 0)
            return types[i].type;
    }
    char words[512] = "";
    for (size_t i = 0, size = 0; i < sizeof(types) / sizeof(types[0]) && size < sizeof(words); i++)
        size += (size_t)snprintf(words + size, sizeof(words) - size, "%s%s", i > 0 ? ", " : "",
                                 types[i].word);
    conf_fail(l->conf, g, "type", "\"type\" must be one of %s", words);
    return KITH__NOTICE__BODY__NOT_SET;
}

static Kith__Lane load_lane(loader_t *l, const conf_group_t *g)
{
    const char *word = conf_str(l->conf, g, "lane");
    if (strcmp(word, "urgent") == 0)
        return KITH__LANE__LANE_URGENT;
    if (strcmp(word, "normal") != 0)
        conf_fail(l->conf, g, "lane", "\"lane\" must be \"urgent\" or \"normal\"");
    return KITH__LANE__LANE_NORMAL;
}

static void load_topics(loader_t *l)
{
    size_t count = conf_list(l->conf, root_of(l), "topics", true, KITH_TOPICS_MAX);
    l->a->topics = take(l, count, sizeof(kith_topic_t));
    for (size_t i = 0; i < count && !failed(l); i++) {
        const conf_group_t *g = conf_list_at(l->conf, root_of(l), "topics", i);
        kith_topic_t *topic = &l->a->topics[i];
        topic->name = conf_name(l->conf, g, "name");
        topic->topic_class = conf_name(l->conf, g, "class");
        topic->type = load_type(l, g);
        topic->lane = load_lane(l, g);
        topic->expires_ms = conf_duration_or(l->conf, g, "expires", 1000, EXPIRES_MAX, 0);
        if (kith_agreement_topic(l->a, topic->name) != NULL)
            conf_fail(l->conf, g, "name", "topic \"%s\" is listed twice: keep one", topic->name);
        l->a->topics_count = i + 1;
    }
}

/* Is it one that the file lists? */
typedef bool known_f(const kith_agreement_t *a, const char *name);

static bool known_agency(const kith_agreement_t *a, const char *name)
{
    return kith_agreement_agency(a, name) != NULL;
}

static bool known_topic(const kith_agreement_t *a, const char *name)
{
    return kith_agreement_topic(a, name) != NULL;
}

static bool known_class(const kith_agreement_t *a, const char *name)
{
    for (size_t i = 0; i < a->topics_count; i++) {
        if (strcmp(a->topics[i].topic_class, name) == 0)
            return true;
    }
    return false;
}

/* Names that the file knows, or "*". At least one. */
static size_t load_names(loader_t *l, const conf_group_t *g, const char *name, known_f *known,
                         size_t max, const char ***ret_names)
{
    size_t count = conf_strings(l->conf, g, name, true, max, ret_names);
    if (count == 0)
        conf_fail(l->conf, g, name, "\"%s\" is empty: name at least one, or \"*\"", name);
    for (size_t i = 0; i < count && !failed(l); i++) {
        const char *entry = (*ret_names)[i];
        if (strcmp(entry, "*") != 0 && !known(l->a, entry))
            conf_fail(l->conf, g, name, "\"%s\" names \"%s\", which this file does not list", name,
                      entry);
    }
    return count;
}

static void load_clauses(loader_t *l)
{
    size_t count = conf_list(l->conf, root_of(l), "clauses", true, KITH_CLAUSES_MAX);
    l->a->clauses = take(l, count, sizeof(kith_clause_t));
    for (size_t i = 0; i < count && !failed(l); i++) {
        const conf_group_t *g = conf_list_at(l->conf, root_of(l), "clauses", i);
        kith_clause_t *clause = &l->a->clauses[i];
        clause->id = conf_name(l->conf, g, "id");
        clause->classes_count =
            load_names(l, g, "classes", known_class, KITH_TOPICS_MAX, &clause->classes);
        clause->from_count =
            load_names(l, g, "from", known_agency, KITH_AGENCIES_MAX, &clause->from);
        clause->to_count = load_names(l, g, "to", known_agency, KITH_AGENCIES_MAX, &clause->to);
        if (kith_agreement_clause(l->a, clause->id) != NULL)
            conf_fail(l->conf, g, "id", "clause \"%s\" is listed twice: choose another id",
                      clause->id);
        l->a->clauses_count = i + 1;
    }
}

static void load_subscriptions(loader_t *l)
{
    size_t count = conf_list(l->conf, root_of(l), "subscriptions", false, KITH_AGENCIES_MAX);
    l->a->may_subscribe = take(l, count, sizeof(kith_may_subscribe_t));
    for (size_t i = 0; i < count && !failed(l); i++) {
        const conf_group_t *g = conf_list_at(l->conf, root_of(l), "subscriptions", i);
        kith_may_subscribe_t *may = &l->a->may_subscribe[i];
        may->agency = conf_name(l->conf, g, "agency");
        if (!known_agency(l->a, may->agency))
            conf_fail(l->conf, g, "agency", "\"%s\" is no member: correct the id", may->agency);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(l->a->may_subscribe[j].agency, may->agency) == 0)
                conf_fail(l->conf, g, "agency", "\"%s\" has an entry above: put all topics there",
                          may->agency);
        }
        may->owes = conf_bool_or(l->conf, g, "owes", false);
        may->topics_count = load_names(l, g, "topics", known_topic, KITH_TOPICS_MAX, &may->topics);
        l->a->may_subscribe_count = i + 1;
    }
}

/* ---- the whole ---- */

static void load_head(loader_t *l, const conf_group_t *g)
{
    l->a->partnership = conf_name(l->conf, g, "id");
    l->a->version = (uint32_t)conf_int(l->conf, g, "version", 1, EPOCH_MAX);
    l->a->exercise = conf_bool_or(l->conf, g, "exercise", false);
    l->a->front_door = conf_name(l->conf, g, "front_door");
}

static void check_front_door(loader_t *l, const conf_group_t *head)
{
    const kith_agency_t *agency = failed(l) ? NULL : kith_agreement_agency(l->a, l->a->front_door);
    if (agency == NULL || agency->left)
        conf_fail(l->conf, head, "front_door", "\"front_door\" must be the id of a member");
}

/* a: empty, in the arena. */
static kith_err load(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a,
                     kith_agreement_t **ret_agreement, const char **ret_error)
{
    loader_t l = {.conf = conf, .arena = arena, .a = a};
    keys_half_make(&l.half);
    const conf_group_t *head = conf_group(conf, root_of(&l), "partnership", true);
    load_head(&l, head);
    partnership_calendars(conf, arena, a);
    partnership_clocks(conf, arena, a);
    partnership_ladder(conf, arena, a);
    partnership_alert_levels(conf, a);
    partnership_work(conf, a);
    partnership_disagreement(conf, arena, a);
    load_agencies(&l);
    partnership_pots(conf, arena, a);
    load_brokers(&l);
    load_topics(&l);
    load_clauses(&l);
    load_subscriptions(&l);
    partnership_costs(conf, arena, a);
    partnership_rules(conf, arena, a);
    partnership_expected(conf, arena, a);
    partnership_underlap(conf, a);
    check_front_door(&l, head);
    check_keys_once(&l);
    kith_err err = conf_finish(conf);
    if (err == KITH_OK)
        *ret_agreement = l.a;
    else
        *ret_error = conf_error(conf);
    keys_wipe(&l.half, sizeof(l.half));
    conf_close(&conf);
    return err;
}

kith_err partnership_load(const char *path, kith_arena_t *arena, kith_agreement_t **ret_agreement,
                          const char **ret_error)
{
    kith_agreement_t *a = kith_arena_need(arena, sizeof(*a));
    return load(conf_open(path, arena), arena, a, ret_agreement, ret_error);
}

kith_err partnership_load_text(const char *name, kith_bytes_t text, kith_arena_t *arena,
                               kith_agreement_t **ret_agreement, const char **ret_error)
{
    kith_agreement_t *a = kith_arena_need(arena, sizeof(*a));
    return load(conf_open_text(name, text, arena), arena, a, ret_agreement, ret_error);
}
