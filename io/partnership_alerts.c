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
