/* Reads mail.cfg; conf.h keeps the first thing wrong. */
#include "mail/mail_conf.h"

#include "io/conf.h"

#include <ctype.h>
#include <string.h>

static const char *address_of(kith_conf_t *conf, const conf_group_t *g, kith_arena_t *arena)
{
    char *address = kith_arena_str(arena, conf_str(conf, g, "address"));
    for (char *at = address; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    const char *at = strchr(address, '@');
    bool plain = address[strcspn(address, " \t<>()[],;:\"\\")] == '\0';
    if (!conf_error(conf) &&
        (!plain || at == NULL || at == address || at[1] == '\0' || strchr(at + 1, '@') != NULL))
        conf_fail(conf, g, "address", "\"%s\" is no address: write name@domain", address);
    return address;
}

kith_err mail_conf_load(const char *path, kith_arena_t *arena, mail_conf_t *ret_conf,
                        const char **ret_error)
{
    mail_conf_t c = {0};
    kith_conf_t *conf = conf_open(path, arena);
    const conf_group_t *root = conf_root(conf);
    c.address = address_of(conf, root, arena);
    c.server = conf_str(conf, root, "server");
    if (!conf_error(conf) && *c.server == '\0')
        conf_fail(conf, root, "server",
                  "write the name that your mail server puts first in Authentication-Results");
    kith_err err = conf_finish(conf);
    if (err == KITH_OK)
        *ret_conf = c;
    else
        *ret_error = kith_arena_str(arena, conf_error(conf));
    conf_close(&conf);
    return err;
}
