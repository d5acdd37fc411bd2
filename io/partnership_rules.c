#include "io/partnership_rules.h"

#include <string.h>

/* An array in the arena; NULL and told when it is full. */
static void *take(kith_conf_t *conf, kith_arena_t *arena, size_t count, size_t size)
{
    void *taken = kith_arena_alloc(arena, count * size);
    if (taken == NULL)
        conf_fail(conf, NULL, NULL, "holds more than there is room for: make the file smaller");
    return taken;
}

/* ---- unit costs ---- */

static void load_cost(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                      kith_cost_t *cost)
{
    cost->code = conf_name(conf, g, "code");
    const char *per = conf_str(conf, g, "per");
    cost->by_hour = strcmp(per, "hour") == 0;
    if (!cost->by_hour && strcmp(per, "event") != 0)
        conf_fail(conf, g, "per", "\"per\" must be \"hour\" or \"event\"");
    cost->pence = (uint64_t)conf_int(conf, g, "pence", 1, KITH_PENCE_MAX);
    if (kith_agreement_cost(a, cost->code) != NULL)
        conf_fail(conf, g, "code", "cost code \"%s\" is listed twice: keep one", cost->code);
}

void partnership_costs(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count = conf_list(conf, root, "unit_costs", false, KITH_COSTS_MAX);
    a->costs = take(conf, arena, count, sizeof *a->costs);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        load_cost(conf, conf_list_at(conf, root, "unit_costs", i), a, &a->costs[i]);
        a->costs_count = i + 1;
    }
}
