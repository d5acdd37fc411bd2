#include "io/partnership_work.h"

#include <string.h>

#define STALE_MS_MIN INT64_C(3600000)
#define STALE_MS_MAX (INT64_C(3650) * 24 * 3600000)

static bool is_role(const char *text)
{
    return *text != '\0' && strlen(text) <= KITH_LINE_BYTES_MAX && strchr(text, '@') == NULL;
}

/* A role is handed over; a mailbox is a person's. */
static void load_lead_roles(kith_conf_t *conf, const conf_group_t *root, kith_agreement_t *a)
{
    const char **roles = NULL;
    size_t count = conf_strings(conf, root, "lead_roles", false, KITH_LADDER_MAX, &roles);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        if (!is_role(roles[i]))
            conf_fail(conf, root, "lead_roles",
                      "\"%s\" is no role: name one that is handed over, as \"family worker\"",
                      roles[i]);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(roles[i], roles[k]) == 0)
                conf_fail(conf, root, "lead_roles", "\"%s\" is listed twice: keep one", roles[i]);
        }
    }
    a->lead_roles = roles;
    a->lead_roles_count = count;
}

void partnership_work(kith_conf_t *conf, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    load_lead_roles(conf, root, a);
    const conf_group_t *directory = conf_group(conf, root, "directory", false);
    if (directory != NULL)
        a->stale_after_ms =
            conf_duration_or(conf, directory, "stale_after", STALE_MS_MIN, STALE_MS_MAX, 0);
}
