#include "io/partnership_pots.h"

#include <string.h>

static void load_pot(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                     kith_pot_t *pot)
{
    pot->id = conf_name(conf, g, "id");
    pot->name = conf_str(conf, g, "name");
    if (*pot->name == '\0' || strlen(pot->name) > KITH_LINE_BYTES_MAX)
        conf_fail(conf, g, "name", "\"name\" must have 1 to %u bytes", KITH_LINE_BYTES_MAX);
    pot->holder = conf_name(conf, g, "holder");
    const kith_agency_t *holder = kith_agreement_agency(a, pot->holder);
    if (holder == NULL || holder->left)
        conf_fail(conf, g, "holder", "\"holder\" must be the id of a member");
    pot->amount = (uint64_t)conf_int(conf, g, "pence", 1, KITH_PENCE_MAX);
    pot->limit = (uint64_t)conf_int_or(conf, g, "limit_pence", 1, KITH_PENCE_MAX, 0);
    if (pot->limit > pot->amount)
        conf_fail(conf, g, "limit_pence",
                  "\"limit_pence\" of one request must not be more than all \"pence\"");
    if (kith_agreement_pot(a, pot->id) != NULL)
        conf_fail(conf, g, "id", "pot \"%s\" is listed twice: choose another id", pot->id);
}

void partnership_pots(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count = conf_list(conf, root, "pots", false, KITH_POTS_MAX);
    a->pots = kith_arena_alloc(arena, count * sizeof *a->pots);
    if (a->pots == NULL)
        conf_fail(conf, NULL, NULL, "holds more than there is room for: make the file smaller");
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        load_pot(conf, conf_list_at(conf, root, "pots", i), a, &a->pots[i]);
        a->pots_count = conf_error(conf) == NULL ? i + 1 : i;
    }
}
