/* libconfig, strictly: the only file that includes libconfig.h.
 *
 * A reader asks for each setting by name and type; what nobody asked for is unknown and refused.
 * The first thing wrong is kept as one line `FILE:LINE: what and what to do`, all later calls
 * return at once, so a loader reads straight down and looks at the end. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

typedef struct kith_conf kith_conf_t;
#define CONF_STRING_BYTES_MAX 4095u

typedef struct conf_group conf_group_t; /* opaque; lives as long as the conf */

/* Any failure is kept: conf_error. Files over 4 MiB, not UTF-8, with NUL or @include, that every
 * user may write, and what libconfig would misread (io/conf_text.h) are refused. The arena holds
 * the conf and what is returned: both live until it is reset, also after conf_close, which must
 * come before. */
kith_conf_t *conf_open(const char *path, kith_arena_t *arena);
/* As above for a text in memory; name stands for the file in errors and paths. */
kith_conf_t *conf_open_text(const char *name, kith_bytes_t text, kith_arena_t *arena);
void conf_close(kith_conf_t **self_p);

const conf_group_t *conf_root(kith_conf_t *self);
/* Names of settings are string constants (borrowed until conf_finish). Required ones fail when
 * missing; `or` ones return the default. Strings are UTF-8 without control characters, at most
 * CONF_STRING_BYTES_MAX long: as long as a path may be, and nothing else needs to be longer. After
 * a failure: "" or the default, the least number, a group to go on with, count 0; never NULL where
 * the setting is required. */
const char *conf_str(kith_conf_t *self, const conf_group_t *g, const char *name);
const char *conf_str_or(kith_conf_t *self, const conf_group_t *g, const char *name,
                        const char *otherwise);
/* A name by kith_text_name. */
const char *conf_name(kith_conf_t *self, const conf_group_t *g, const char *name);
int64_t conf_int_or(kith_conf_t *self, const conf_group_t *g, const char *name, int64_t min,
                    int64_t max, int64_t otherwise);
int64_t conf_int(kith_conf_t *self, const conf_group_t *g, const char *name, int64_t min,
                 int64_t max);
bool conf_bool_or(kith_conf_t *self, const conf_group_t *g, const char *name, bool otherwise);
/* Strings with units: "4h", "16GiB". */
int64_t conf_duration_or(kith_conf_t *self, const conf_group_t *g, const char *name, int64_t min_ms,
                         int64_t max_ms, int64_t otherwise_ms);
uint64_t conf_size_or(kith_conf_t *self, const conf_group_t *g, const char *name, uint64_t min,
                      uint64_t max, uint64_t otherwise);
/* A path, taken from the configuration file's own folder when it is not absolute. */
const char *conf_path(kith_conf_t *self, const conf_group_t *g, const char *name);

/* Is it there as a group (not a list, not a plain value)? Does not count as asking for it. */
bool conf_is_group(kith_conf_t *self, const conf_group_t *g, const char *name);
/* NULL when missing and not required. */
const conf_group_t *conf_group(kith_conf_t *self, const conf_group_t *g, const char *name,
                               bool required);
/* A list of groups: `name = ( { … }, { … } )`. Count 0 when missing and not required. */
size_t conf_list(kith_conf_t *self, const conf_group_t *g, const char *name, bool required,
                 size_t max);
const conf_group_t *conf_list_at(kith_conf_t *self, const conf_group_t *g, const char *name,
                                 size_t index);
/* A list of strings: `name = [ "a", "b" ]`; in the arena. */
size_t conf_strings(kith_conf_t *self, const conf_group_t *g, const char *name, bool required,
                    size_t max, const char ***ret_strings);
/* A list of whole numbers: `name = [ 1000, 1001 ]`; in the arena. Count 0 when missing and not
 * required. */
size_t conf_ints(kith_conf_t *self, const conf_group_t *g, const char *name, bool required,
                 int64_t min, int64_t max, size_t count_max, const int64_t **ret_ints);
/* Every setting of a group whose names are free (code tables): name and string value. */
size_t conf_each(kith_conf_t *self, const conf_group_t *g, size_t max, const char ***ret_names,
                 const char ***ret_values);

/* For a loader's own rules: `FILE:LINE: …` at this setting of this group (NULL: at the group). */
void conf_fail(kith_conf_t *self, const conf_group_t *g, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Call last: settings that nobody asked for become the error. */
kith_err conf_finish(kith_conf_t *self);
/* The one line, or NULL while all is well. */
const char *conf_error(const kith_conf_t *self);
