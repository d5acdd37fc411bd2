/* Any bytes as a mail. Property: what is said of it is read again by the parent, is UTF-8, and what
 * it may do is either nothing or what a known sender, vouched for, may: no bytes are a stranger's
 * answer. */
#include "base/limits.h"
#include "base/text.h"
#include "fuzz.h"
#include "io/keys.h"
#include "mail/intake.h"
#include "mail/mime.h"

#include <string.h>

#define ARENA_BYTES (160 * KITH_MIB)

static const uint8_t key[TOKEN_KEY_BYTES] = {1};
static mail_person_t people[] = {
    {.name = "duty", .address = "duty@police.example", .alerts = MAIL_ALERTS_AT_ONCE}};
static const mail_conf_t conf = {.address = "kith@police.example",
                                 .domain = "police.example",
                                 .server = "mx.police.example",
                                 .people = people,
                                 .people_count = 1};

static void check(kith_arena_t *arena, const verdict_t *v)
{
    intake_t in;
    KITH_ASSERT(kith_text_utf8(kith_bytes_str(v->text)));
    KITH_ASSERT(kith_text_utf8(kith_bytes_str(v->subject)));
    intake_decide(&conf, key, v, 0, arena, &in);
    bool acts = in.act == INTAKE_ANSWER || in.act == INTAKE_ALERT;
    KITH_ASSERT(!acts || (in.person == &people[0] && strcmp(v->dmarc, "pass") == 0));
    KITH_ASSERT(!acts || v->kind == LETTER_NEW || v->kind == LETTER_REPLY);
    KITH_ASSERT(acts || *in.why != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    if (!begun)
        mime_begin();
    begun = true;
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES);
    kith_bytes_t said = verdict_make(arena, (kith_bytes_t){data, size}, conf.server, conf.address);
    verdict_t verdict;
    if (said.size > 0) {
        KITH_ASSERT(verdict_parse(arena, said, &verdict) == KITH_OK);
        check(arena, &verdict);
    }
    kith_arena_destroy(&arena);
    return 0;
}
