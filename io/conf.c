#include "io/conf.h"

#include "base/text.h"
#include "io/conf_text.h"

#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERROR_BYTES_MAX 1024

/* A setting that was asked for and is not there: what a misspelt one may have meant. */
typedef struct missed {
    struct missed *next;
    const config_setting_t *group;
    const char *name;
} missed_t;

struct kith_conf {
    config_t config;
    kith_arena_t *arena;
    const char *file;
    missed_t *missed;
    bool failed;
    char error[ERROR_BYTES_MAX];
};

static config_setting_t *setting_of(const conf_group_t *g)
{
    return (config_setting_t *)g;
}

static const conf_group_t *group_of(config_setting_t *setting)
{
    return (const conf_group_t *)setting;
}

/* ---- the one error ---- */

/* One line, whatever the file or its name hold. */
static void make_one_line(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f)
            *text = '?';
    }
}

static void fail_v(kith_conf_t *self, unsigned line, const char *format, va_list values)
{
    if (self->failed)
        return;
    self->failed = true;
    int size =
        snprintf(self->error, sizeof(self->error), "%s:%u: ", self->file, line > 0 ? line : 1);
    if (size > 0 && (size_t)size < sizeof(self->error))
        vsnprintf(self->error + size, sizeof(self->error) - (size_t)size, format, values);
    make_one_line(self->error);
}

static void __attribute__((format(printf, 3, 4)))
fail_line(kith_conf_t *self, unsigned line, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fail_v(self, line, format, values);
    va_end(values);
}

static unsigned line_of(const config_setting_t *setting)
{
    return (unsigned)config_setting_source_line(setting);
}

void conf_fail(kith_conf_t *self, const conf_group_t *g, const char *name, const char *format, ...)
{
    unsigned line = 1;
    if (!self->failed && g != NULL) {
        const config_setting_t *member =
            name != NULL ? config_setting_get_member(setting_of(g), name) : NULL;
        line = line_of(member != NULL ? member : setting_of(g));
    }
    va_list values;
    va_start(values, format);
    fail_v(self, line, format, values);
    va_end(values);
}

const char *conf_error(const kith_conf_t *self)
{
    return self->failed ? self->error : NULL;
}

/* From the arena; when that is full the file asks for more than it may. */
static void *take(kith_conf_t *self, size_t count, size_t size)
{
    void *taken = kith_arena_alloc(self->arena, count * size);
    if (taken == NULL)
        fail_line(self, 1, "holds more than there is room for: make the file smaller");
    return taken;
}

/* ---- reading the file ---- */

/* What to do about a complaint of libconfig. */
static const char *advice_on(const char *why)
{
    if (strncmp(why, "duplicate", strlen("duplicate")) == 0)
        return "keep one of them";
    if (strncmp(why, "mismatched", strlen("mismatched")) == 0)
        return "write all of one kind, with L on each number or on none";
    return "look at this line and the end of the one above";
}

static void parse(kith_conf_t *self, kith_bytes_t text)
{
    unsigned line;
    const char *what;
    if (self->failed)
        return;
    if (!conf_text_check(text, &line, &what)) {
        fail_line(self, line, "%s", what);
        return;
    }
    /* libconfig takes a comment on the last line for an error when no newline ends it. */
    char *whole = take(self, text.size + 2, 1);
    if (whole == NULL)
        return;
    if (text.size > 0)
        memcpy(whole, text.data, text.size);
    whole[text.size] = '\n';
    if (config_read_string(&self->config, whole) == CONFIG_TRUE)
        return;
    const char *why = config_error_text(&self->config);
    fail_line(self, (unsigned)config_error_line(&self->config), "%s: %s", why, advice_on(why));
}

/* The whole file; checked while it is open, so that nobody changes it in between. */
static kith_bytes_t read_open_file(kith_conf_t *self, int fd)
{
    struct stat info;
    size_t size = 0;
    ssize_t got = 1;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        fail_line(self, 1, "not a regular file: name the configuration file itself");
    else if ((info.st_mode & S_IWOTH) != 0)
        fail_line(self, 1, "every user may change this file: chmod o-w it and look it through");
    else if (info.st_size > CONF_TEXT_BYTES_MAX)
        fail_line(self, 1, "larger than 4 MiB: this is no configuration file");
    uint8_t *text = self->failed ? NULL : take(self, (size_t)info.st_size, 1);
    if (text == NULL)
        return (kith_bytes_t){0};
    while (size < (size_t)info.st_size && got > 0) {
        got = read(fd, text + size, (size_t)info.st_size - size);
        size += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        fail_line(self, 1, "cannot be read: %s", strerror(errno));
    return (kith_bytes_t){.data = text, .size = size};
}

static kith_conf_t *conf_new(const char *name, kith_arena_t *arena)
{
    kith_conf_t *self = kith_arena_need(arena, sizeof(*self));
    config_init(&self->config);
    self->arena = arena;
    self->file = kith_arena_str(arena, name);
    return self;
}

kith_conf_t *conf_open(const char *path, kith_arena_t *arena)
{
    kith_conf_t *self = conf_new(path, arena);
    /* Not blocking: the name may be that of a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        fail_line(self, 1, "cannot be opened: %s", strerror(errno));
        return self;
    }
    kith_bytes_t text = read_open_file(self, fd);
    close(fd);
    parse(self, text);
    return self;
}

kith_conf_t *conf_open_text(const char *name, kith_bytes_t text, kith_arena_t *arena)
{
    kith_conf_t *self = conf_new(name, arena);
    parse(self, text);
    return self;
}

void conf_close(kith_conf_t **self_p)
{
    if (*self_p == NULL)
        return;
    config_destroy(&(*self_p)->config);
    *self_p = NULL;
}

const conf_group_t *conf_root(kith_conf_t *self)
{
    return group_of(config_root_setting(&self->config));
}

/* ---- one setting ---- */

/* The hook of a setting says that it was asked for. */
static bool was_asked(const config_setting_t *setting)
{
    return config_setting_get_hook(setting) != NULL;
}

static void fail_missing(kith_conf_t *self, const config_setting_t *group, const char *name)
{
    for (unsigned i = 0; i < (unsigned)config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, i);
        const char *written = config_setting_name(member);
        if (!was_asked(member) && conf_text_is_close(written, name)) {
            fail_line(self, line_of(group), "\"%s\" is missing: is \"%s\" on line %u meant?", name,
                      written, line_of(member));
            return;
        }
    }
    fail_line(self, line_of(group), "\"%s\" is missing: add it", name);
}

static config_setting_t *find(kith_conf_t *self, const conf_group_t *g, const char *name,
                              bool required)
{
    if (self->failed)
        return NULL;
    config_setting_t *group = setting_of(g);
    config_setting_t *setting = config_setting_get_member(group, name);
    if (setting != NULL) {
        config_setting_set_hook(setting, self);
        return setting;
    }
    if (required) {
        fail_missing(self, group, name);
        return NULL;
    }
    missed_t *missed = take(self, 1, sizeof(*missed));
    if (missed != NULL) {
        *missed = (missed_t){.next = self->missed, .group = group, .name = name};
        self->missed = missed;
    }
    return NULL;
}

static const char *type_text(int type)
{
    switch (type) {
    case CONFIG_TYPE_GROUP:
        return "a group: { … }";
    case CONFIG_TYPE_LIST:
        return "a list of groups: ( { … }, { … } )";
    case CONFIG_TYPE_ARRAY:
        return "a list in brackets: [ …, … ]";
    case CONFIG_TYPE_STRING:
        return "text in quotes: \"…\"";
    case CONFIG_TYPE_BOOL:
        return "true or false";
    default:
        return "a whole number";
    }
}

static config_setting_t *find_type(kith_conf_t *self, const conf_group_t *g, const char *name,
                                   bool required, int type)
{
    config_setting_t *setting = find(self, g, name, required);
    if (setting == NULL || config_setting_type(setting) == type)
        return setting;
    fail_line(self, line_of(setting), "\"%s\" must be %s", name, type_text(type));
    return NULL;
}

static const char *copy_of(kith_conf_t *self, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = take(self, size, 1);
    return copy != NULL ? memcpy(copy, text, size) : "";
}

/* name: for the error. "" after a failure. */
static const char *string_of(kith_conf_t *self, const config_setting_t *setting, const char *name)
{
    const char *text = config_setting_get_string(setting);
    if (strlen(text) > CONF_STRING_BYTES_MAX) {
        fail_line(self, line_of(setting), "\"%s\" is longer than %u bytes: shorten it", name,
                  CONF_STRING_BYTES_MAX);
        return "";
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            fail_line(self, line_of(setting), "\"%s\" holds a control character: take it out",
                      name);
            return "";
        }
    }
    return copy_of(self, text);
}

static const char *string_find(kith_conf_t *self, const conf_group_t *g, const char *name,
                               bool required)
{
    const config_setting_t *setting = find_type(self, g, name, required, CONFIG_TYPE_STRING);
    return setting != NULL ? string_of(self, setting, name) : NULL;
}

const char *conf_str(kith_conf_t *self, const conf_group_t *g, const char *name)
{
    const char *text = string_find(self, g, name, true);
    return text != NULL ? text : "";
}

const char *conf_str_or(kith_conf_t *self, const conf_group_t *g, const char *name,
                        const char *otherwise)
{
    const char *text = string_find(self, g, name, false);
    return text != NULL ? text : otherwise;
}

const char *conf_name(kith_conf_t *self, const conf_group_t *g, const char *name)
{
    const char *text = conf_str(self, g, name);
    if (!kith_text_name(text))
        conf_fail(self, g, name,
                  "\"%s\" must be a name: small letters, digits, '.' and '-', 48 at most", name);
    return text;
}

static bool int_of(const config_setting_t *setting, int64_t min, int64_t max, int64_t *ret_value)
{
    int type = config_setting_type(setting);
    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return false;
    int64_t value = type == CONFIG_TYPE_INT ? config_setting_get_int(setting)
                                            : config_setting_get_int64(setting);
    if (value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

static int64_t int_find(kith_conf_t *self, const conf_group_t *g, const char *name, bool required,
                        int64_t min, int64_t max, int64_t otherwise)
{
    const config_setting_t *setting = find(self, g, name, required);
    int64_t value = otherwise;
    if (setting != NULL && !int_of(setting, min, max, &value))
        fail_line(self, line_of(setting), "\"%s\" must be a whole number from %lld to %lld", name,
                  (long long)min, (long long)max);
    return value;
}

int64_t conf_int_or(kith_conf_t *self, const conf_group_t *g, const char *name, int64_t min,
                    int64_t max, int64_t otherwise)
{
    return int_find(self, g, name, false, min, max, otherwise);
}

int64_t conf_int(kith_conf_t *self, const conf_group_t *g, const char *name, int64_t min,
                 int64_t max)
{
    return int_find(self, g, name, true, min, max, min);
}

bool conf_bool_or(kith_conf_t *self, const conf_group_t *g, const char *name, bool otherwise)
{
    const config_setting_t *setting = find_type(self, g, name, false, CONFIG_TYPE_BOOL);
    return setting != NULL ? config_setting_get_bool(setting) == CONFIG_TRUE : otherwise;
}

int64_t conf_duration_or(kith_conf_t *self, const conf_group_t *g, const char *name, int64_t min_ms,
                         int64_t max_ms, int64_t otherwise_ms)
{
    const char *text = conf_str_or(self, g, name, NULL);
    int64_t value = otherwise_ms;
    if (text == NULL || self->failed)
        return otherwise_ms;
    if (kith_duration_parse(text, &value) == KITH_OK && value >= min_ms && value <= max_ms)
        return value;
    conf_fail(self, g, name,
              "\"%s\" must be a time like \"250ms\", \"90s\", \"15min\", \"4h\" or \"7d\","
              " from %lldms to %lldms",
              name, (long long)min_ms, (long long)max_ms);
    return otherwise_ms;
}

uint64_t conf_size_or(kith_conf_t *self, const conf_group_t *g, const char *name, uint64_t min,
                      uint64_t max, uint64_t otherwise)
{
    const char *text = conf_str_or(self, g, name, NULL);
    uint64_t value = otherwise;
    if (text == NULL || self->failed)
        return otherwise;
    if (kith_size_parse(text, &value) == KITH_OK && value >= min && value <= max)
        return value;
    conf_fail(self, g, name,
              "\"%s\" must be a size like \"512KiB\", \"256MiB\" or \"16GiB\", from %llu to %llu"
              " bytes",
              name, (unsigned long long)min, (unsigned long long)max);
    return otherwise;
}

const char *conf_path(kith_conf_t *self, const conf_group_t *g, const char *name)
{
    const char *text = conf_str(self, g, name);
    const char *slash = strrchr(self->file, '/');
    if (*text == '\0')
        conf_fail(self, g, name, "\"%s\" is empty: write a path", name);
    if (self->failed || text[0] == '/' || slash == NULL)
        return text;
    size_t folder_size = (size_t)(slash - self->file) + 1, text_size = strlen(text) + 1;
    char *path = take(self, folder_size + text_size, 1);
    if (path == NULL)
        return "";
    memcpy(path, self->file, folder_size);
    memcpy(path + folder_size, text, text_size);
    return path;
}

/* ---- groups and lists ---- */

bool conf_is_group(kith_conf_t *self, const conf_group_t *g, const char *name)
{
    if (self->failed)
        return false;
    const config_setting_t *setting = config_setting_get_member(setting_of(g), name);
    return setting != NULL && config_setting_type(setting) == CONFIG_TYPE_GROUP;
}

const conf_group_t *conf_group(kith_conf_t *self, const conf_group_t *g, const char *name,
                               bool required)
{
    config_setting_t *setting = find_type(self, g, name, required, CONFIG_TYPE_GROUP);
    if (setting == NULL && required)
        return conf_root(self);
    return group_of(setting);
}

/* The setting of this type with at most max elements; NULL when there is none or it failed. */
static config_setting_t *find_many(kith_conf_t *self, const conf_group_t *g, const char *name,
                                   bool required, int type, size_t max, size_t *ret_count)
{
    config_setting_t *setting = find_type(self, g, name, required, type);
    if (setting == NULL)
        return NULL;
    size_t count = (size_t)config_setting_length(setting);
    if (count > max) {
        fail_line(self, line_of(setting), "\"%s\" has %zu entries: %zu at most", name, count, max);
        return NULL;
    }
    *ret_count = count;
    return setting;
}

size_t conf_list(kith_conf_t *self, const conf_group_t *g, const char *name, bool required,
                 size_t max)
{
    size_t count = 0;
    const config_setting_t *list =
        find_many(self, g, name, required, CONFIG_TYPE_LIST, max, &count);
    for (unsigned i = 0; i < count; i++) {
        const config_setting_t *element = config_setting_get_elem(list, i);
        if (config_setting_type(element) != CONFIG_TYPE_GROUP)
            fail_line(self, line_of(element), "\"%s\" must be %s", name,
                      type_text(CONFIG_TYPE_LIST));
    }
    return self->failed ? 0 : count;
}

const conf_group_t *conf_list_at(kith_conf_t *self, const conf_group_t *g, const char *name,
                                 size_t index)
{
    if (self->failed)
        return conf_root(self);
    config_setting_t *list = config_setting_get_member(setting_of(g), name);
    config_setting_t *element = config_setting_get_elem(list, (unsigned)index);
    KITH_ASSERT(element != NULL);
    return group_of(element);
}

size_t conf_strings(kith_conf_t *self, const conf_group_t *g, const char *name, bool required,
                    size_t max, const char ***ret_strings)
{
    size_t count = 0;
    const config_setting_t *array =
        find_many(self, g, name, required, CONFIG_TYPE_ARRAY, max, &count);
    const char **strings = take(self, count, sizeof(*strings));
    for (unsigned i = 0; i < count && !self->failed; i++) {
        const config_setting_t *element = config_setting_get_elem(array, i);
        if (config_setting_type(element) == CONFIG_TYPE_STRING)
            strings[i] = string_of(self, element, name);
        else
            fail_line(self, line_of(array), "\"%s\" must be texts: [ \"…\", \"…\" ]", name);
    }
    *ret_strings = strings;
    return self->failed ? 0 : count;
}

size_t conf_ints(kith_conf_t *self, const conf_group_t *g, const char *name, bool required,
                 int64_t min, int64_t max, size_t count_max, const int64_t **ret_ints)
{
    size_t count = 0;
    const config_setting_t *array =
        find_many(self, g, name, required, CONFIG_TYPE_ARRAY, count_max, &count);
    int64_t *ints = take(self, count, sizeof(*ints));
    for (unsigned i = 0; i < count && !self->failed; i++) {
        if (!int_of(config_setting_get_elem(array, i), min, max, &ints[i]))
            fail_line(self, line_of(array), "\"%s\" must be whole numbers from %lld to %lld", name,
                      (long long)min, (long long)max);
    }
    *ret_ints = ints;
    return self->failed ? 0 : count;
}

size_t conf_each(kith_conf_t *self, const conf_group_t *g, size_t max, const char ***ret_names,
                 const char ***ret_values)
{
    size_t count = self->failed ? 0 : (size_t)config_setting_length(setting_of(g));
    if (count > max)
        conf_fail(self, g, NULL, "this group has %zu settings: %zu at most", count, max);
    const char **names = take(self, count, sizeof(*names));
    const char **values = take(self, count, sizeof(*values));
    for (unsigned i = 0; i < count && !self->failed; i++) {
        config_setting_t *member = config_setting_get_elem(setting_of(g), i);
        names[i] = copy_of(self, config_setting_name(member));
        values[i] = conf_str(self, g, names[i]);
    }
    *ret_names = names;
    *ret_values = values;
    return self->failed ? 0 : count;
}

/* ---- the end ---- */

static void fail_unknown(kith_conf_t *self, const config_setting_t *group,
                         const config_setting_t *setting)
{
    const char *name = config_setting_name(setting);
    for (const missed_t *missed = self->missed; missed != NULL; missed = missed->next) {
        if (missed->group == group && conf_text_is_close(name, missed->name)) {
            fail_line(self, line_of(setting), "unknown setting \"%s\": did you mean \"%s\"?", name,
                      missed->name);
            return;
        }
    }
    fail_line(self, line_of(setting), "unknown setting \"%s\": take it out", name);
}

/* Recurses as deep as conf_text_check lets a file be. */
static void check_asked(kith_conf_t *self, const config_setting_t *setting)
{
    unsigned count = (unsigned)config_setting_length(setting);
    bool named = config_setting_type(setting) == CONFIG_TYPE_GROUP;
    for (unsigned i = 0; i < count && !self->failed; i++) {
        const config_setting_t *member = config_setting_get_elem(setting, i);
        if (named && !was_asked(member))
            fail_unknown(self, setting, member);
        else if (config_setting_is_aggregate(member))
            check_asked(self, member);
    }
}

kith_err conf_finish(kith_conf_t *self)
{
    if (!self->failed)
        check_asked(self, config_root_setting(&self->config));
    return self->failed ? KITH_CONFIG : KITH_OK;
}
