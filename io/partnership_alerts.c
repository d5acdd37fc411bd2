#include "io/partnership_alerts.h"

#include "base/text.h"

#include <string.h>

void partnership_alert_levels(kith_conf_t *conf, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count =
        conf_strings(conf, root, "alert_levels", false, KITH_ALERT_LEVELS_MAX, &a->alert_levels);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        const char *level = a->alert_levels[i];
        if (!kith_text_name(level))
            conf_fail(conf, root, "alert_levels",
                      "\"%s\" is no name: [a-z0-9] then [a-z0-9.-], at most 48", level);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(a->alert_levels[k], level) == 0)
                conf_fail(conf, root, "alert_levels", "\"%s\" is listed twice: keep one", level);
        }
    }
    a->alert_levels_count = conf_error(conf) == NULL ? count : 0;
}

static void load_stage(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                       kith_stage_t *stage)
{
    stage->role = conf_name(conf, g, "role");
    stage->within = conf_str(conf, g, "within");
    if (kith_clock_parse(stage->within, &stage->clock) != KITH_OK)
        conf_fail(conf, g, "within",
                  "\"within\" must be as \"4h\", \"24 working hours\" or \"2 working days\"");
    if (stage->clock.unit != KITH_CLOCK_RUNS && a->calendars_count == 0)
        conf_fail(conf, g, "within", "working time needs a calendar: add \"calendars\"");
    for (size_t i = 0; i < a->stages_count; i++) {
        if (strcmp(a->stages[i].role, stage->role) == 0)
            conf_fail(conf, g, "role", "role \"%s\" has a stage above: keep one", stage->role);
    }
}

void partnership_disagreement(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count = conf_list(conf, root, "disagreement", false, KITH_STAGES_MAX);
    a->stages = kith_arena_alloc(arena, (count + 1) * sizeof *a->stages);
    if (a->stages == NULL)
        conf_fail(conf, NULL, NULL, "holds more than there is room for: make the file smaller");
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        load_stage(conf, conf_list_at(conf, root, "disagreement", i), a, &a->stages[i]);
        a->stages_count = i + 1;
    }
}
