/* What a person writes on the command line, made into the fields of a request: ids, times, names.
 * Part of cli.h; asks the agent where only it knows (short ids, its clock). */
#include "agents/cli/cli.h"

#include "agents/cli/show.h"
#include "base/limits.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_DIGITS_MIN 6u

ProtobufCBinaryData cli_bytes_in(kith_arena_t *arena, kith_bytes_t bytes)
{
    kith_bytes_t copy = kith_arena_copy(arena, bytes);
    return (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)copy.data, .len = copy.size};
}

ProtobufCBinaryData cli_bytes(const cli_t *self, kith_bytes_t bytes)
{
    return cli_bytes_in(self->arena, bytes);
}

ProtobufCBinaryData cli_id_bytes(const cli_t *self, const kith_id_t *id)
{
    return cli_bytes(self, kith_id_bytes(id));
}

/* ---- ids ---- */

int cli_short_id(const cli_t *self, const char *text, const char **ret_short)
{
    char *copy = kith_arena_str(self->arena, text);
    size_t digits = 0;
    bool good = strlen(copy) < KITH_ID_TEXT_SIZE;
    for (char *p = copy; *p != '\0'; p++) {
        if (*p >= 'A' && *p <= 'F')
            *p = (char)(*p - 'A' + 'a');
        bool hex = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f');
        good &= hex || *p == '-';
        digits += hex ? 1 : 0;
    }
    if (!good || digits < SHORT_DIGITS_MIN)
        return cli_misuse(self, "%s is no id: give the whole, or its last 6 or more digits", text);
    *ret_short = copy;
    return CLI_OK;
}

static int take_id(const cli_t *self, ProtobufCBinaryData bytes, kith_id_t *ret_id)
{
    if (bytes.len != sizeof ret_id->bytes)
        return cli_fail(self, CLI_AGAIN, "the agent's answer is of another kind");
    memcpy(ret_id->bytes, bytes.data, sizeof ret_id->bytes);
    return CLI_OK;
}

int cli_notice_id(cli_t *self, const char *text, kith_id_t *ret_id)
{
    if (kith_id_parse(text, ret_id) == KITH_OK)
        return CLI_OK;
    const char *short_id;
    Kith__Api__ShowResponse *show;
    Kith__Notice *notice;
    int status = cli_short_id(self, text, &short_id);
    if (status == CLI_OK)
        status = show_ask(self, self->arena, NULL, short_id, &show, &notice);
    return status == CLI_OK ? take_id(self, notice->id, ret_id) : status;
}

int cli_household_id(cli_t *self, const char *text, kith_id_t *ret_id)
{
    if (kith_id_parse(text, ret_id) == KITH_OK)
        return CLI_OK;
    const char *short_id;
    int status = cli_short_id(self, text, &short_id);
    if (status != CLI_OK)
        return status;
    Kith__Api__HouseholdRequest household = KITH__API__HOUSEHOLD_REQUEST__INIT;
    household.short_id = kith_arena_str(self->arena, short_id);
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_HOUSEHOLD;
    request.household = &household;
    Kith__Api__Response *response = NULL;
    status = cli_ask(self, &request, &response);
    if (status != CLI_OK)
        return status;
    ProtobufCBinaryData found = {.len = 0};
    if (response->answer_case == KITH__API__RESPONSE__ANSWER_HOUSEHOLD &&
        response->household->n_households == 1)
        found = response->household->households[0]->id;
    return take_id(self, found, ret_id);
}

int cli_household_option(cli_t *self, const char *option, ProtobufCBinaryData *ret_bytes)
{
    const char *text = args_value(&self->args, option);
    if (text == NULL)
        return CLI_OK;
    kith_id_t id;
    int status = cli_household_id(self, text, &id);
    if (status == CLI_OK)
        *ret_bytes = cli_id_bytes(self, &id);
    return status;
}

/* ---- times ---- */

int cli_ask_status(cli_t *self, kith_arena_t *arena, Kith__Api__StatusResponse **ret_status)
{
    Kith__Api__StatusRequest ask = KITH__API__STATUS_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_STATUS;
    request.status = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask_in(self, arena, self->timeout_ms, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_AGENT)
        return cli_fail(self, CLI_AGAIN, "the agent's answer is of another kind");
    *ret_status = response->agent;
    return CLI_OK;
}

/* The count of entries is where the feed ends, unless some were replaced by later ones: the rest is
 * passed over page by page. */
int cli_feed_end(cli_t *self, kith_arena_t *arena, uint64_t *ret_cursor)
{
    Kith__Api__StatusResponse *agent = NULL;
    int status = cli_ask_status(self, arena, &agent);
    if (status != CLI_OK)
        return status;
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.after = agent->feed_entries;
    for (bool more = true; more;) {
        Kith__Api__Request request = KITH__API__REQUEST__INIT;
        request.ask_case = KITH__API__REQUEST__ASK_FEED;
        request.feed = &ask;
        Kith__Api__Response *response = NULL;
        status = cli_ask_in(self, arena, self->timeout_ms, &request, &response);
        if (status != CLI_OK)
            return status;
        if (response->answer_case != KITH__API__RESPONSE__ANSWER_FEED)
            return cli_fail(self, CLI_AGAIN, "the agent's answer is of another kind");
        ask.after = response->feed->cursor;
        more = response->feed->more;
    }
    *ret_cursor = ask.after;
    return CLI_OK;
}

int cli_now(cli_t *self, int64_t *ret_now_ms)
{
    Kith__Api__StatusResponse *agent = NULL;
    int status = cli_ask_status(self, self->arena, &agent);
    /* Whole seconds, so that the time can be written down and given again. */
    if (status == CLI_OK)
        *ret_now_ms = agent->now_ms / 1000 * 1000;
    return status;
}

int cli_time(cli_t *self, const char *option, const char *text, int sign, int64_t *ret_unix_ms)
{
    if (kith_time_parse(text, ret_unix_ms) == KITH_OK)
        return CLI_OK;
    int64_t span_ms, now_ms;
    if (kith_duration_parse(text, &span_ms) != KITH_OK)
        return cli_misuse(self,
                          "--%s %s is no time that exists: write 2026-03-29, "
                          "2026-03-29T09:00:00Z or a duration (2h)",
                          option, text);
    if (self->token_given)
        return cli_misuse(self,
                          "with --token, give --%s as a time: the same request must say the "
                          "same again",
                          option);
    int status = cli_now(self, &now_ms);
    if (status != CLI_OK)
        return status;
    *ret_unix_ms = now_ms + sign * (span_ms / 1000 * 1000);
    char shown[KITH_TIME_TEXT_SIZE];
    kith_time_text(*ret_unix_ms, shown);
    self->again = kith_arena_printf(self->arena, "%s --%s %s", self->again, option, shown);
    return CLI_OK;
}

int cli_time_option(cli_t *self, const char *option, int sign, int64_t *ret_unix_ms)
{
    const char *text = args_value(&self->args, option);
    *ret_unix_ms = 0;
    return text == NULL ? CLI_OK : cli_time(self, option, text, sign, ret_unix_ms);
}

/* ---- numbers ---- */

int cli_whole(const cli_t *self, const char *what, const char *text, uint64_t max,
              uint64_t *ret_number)
{
    errno = 0;
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text) || errno != 0 || value > max)
        return cli_misuse(self, "%s is a whole number up to %llu", what, (unsigned long long)max);
    *ret_number = value;
    return CLI_OK;
}

int cli_number(const cli_t *self, const char *option, uint64_t max, uint64_t *ret_number)
{
    const char *text = args_value(&self->args, option);
    return text == NULL ? CLI_OK
                        : cli_whole(self, kith_arena_printf(self->arena, "--%s", option), text, max,
                                    ret_number);
}

int cli_amount(const cli_t *self, const char *option, uint64_t *ret_pence)
{
    const char *text = args_value(&self->args, option);
    if (text == NULL)
        return CLI_OK;
    size_t pounds = strspn(text, "0123456789");
    const char *point = text + pounds;
    bool with_pence = *point == '.' && strlen(point) == 3 && strspn(point + 1, "0123456789") == 2;
    if (pounds == 0 || pounds > 8 || (*point != '\0' && !with_pence))
        return cli_misuse(self, "--%s is in pounds, as 12.50", option);
    uint64_t pence = strtoull(text, NULL, 10) * 100;
    *ret_pence = pence + (with_pence ? strtoull(point + 1, NULL, 10) : 0);
    return CLI_OK;
}

/* ---- texts, names, references ---- */

char *cli_text(const cli_t *self, const char *option)
{
    const char *text = args_value(&self->args, option);
    return (char *)(uintptr_t)(text != NULL ? text : "");
}

size_t cli_names(const cli_t *self, const char *option, char ***ret_names)
{
    char **names = kith_arena_need(self->arena, KITH_AGENCIES_MAX * sizeof *names);
    size_t count = 0, iter = 0;
    for (const char *text = args_each(&self->args, option, &iter); text != NULL;
         text = args_each(&self->args, option, &iter)) {
        while (*text != '\0' && count < KITH_AGENCIES_MAX) {
            size_t size = strcspn(text, ",");
            if (size > 0)
                names[count++] = kith_arena_printf(self->arena, "%.*s", (int)size, text);
            text += size + (text[size] == ',' ? 1 : 0);
        }
    }
    *ret_names = names;
    return count;
}

int cli_reference(cli_t *self, const char *text, Kith__Reference *ret_reference)
{
    const char *slash = strchr(text, '/');
    if (slash == NULL || slash == text || slash[1] == '\0')
        return cli_misuse(self, "%s is no reference: write SYSTEM/ID, as housing-crm/T-20331",
                          text);
    ret_reference->system = kith_arena_printf(self->arena, "%.*s", (int)(slash - text), text);
    ret_reference->id = kith_arena_str(self->arena, slash + 1);
    return CLI_OK;
}

int cli_about(cli_t *self, size_t *ret_count, Kith__About ***ret_about)
{
    Kith__About **list = kith_arena_need(self->arena, KITH_ABOUT_MAX * sizeof *list);
    size_t count = 0, iter = 0;
    for (const char *text = args_each(&self->args, "about", &iter); text != NULL;
         text = args_each(&self->args, "about", &iter)) {
        if (count == KITH_ABOUT_MAX)
            return cli_misuse(self, "more than 64 --about");
        Kith__About *about = kith_arena_need(self->arena, sizeof *about);
        kith__about__init(about);
        about->ref = kith_arena_need(self->arena, sizeof *about->ref);
        kith__reference__init(about->ref);
        /* The role stands behind the last colon; ids may hold colons only if a role follows. */
        char *copy = kith_arena_str(self->arena, text);
        char *colon = strrchr(copy, ':');
        if (colon != NULL) {
            *colon = '\0';
            about->role = colon + 1;
        }
        int status = cli_reference(self, copy, about->ref);
        if (status != CLI_OK)
            return status;
        list[count++] = about;
    }
    *ret_count = count;
    *ret_about = list;
    return CLI_OK;
}
