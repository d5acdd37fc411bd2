#include "web/asks.h"

#include "api.pb-c.h"
#include "base/err.h"

#include <string.h>

typedef struct members {
    size_t count;
    const ProtobufCFieldDescriptor *fields[ASKS_MAX];
} members_t;

/* The members of a message's one oneof, in the order of the file. */
static members_t members_of(const ProtobufCMessageDescriptor *type)
{
    members_t m = {0};
    for (unsigned i = 0; i < type->n_fields; i++) {
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
            continue;
        KITH_ASSERT(m.count < ASKS_MAX);
        m.fields[m.count++] = &type->fields[i];
    }
    return m;
}

size_t asks_count(void)
{
    return members_of(&kith__api__request__descriptor).count;
}

const ProtobufCFieldDescriptor *asks_at(size_t index)
{
    members_t m = members_of(&kith__api__request__descriptor);
    KITH_ASSERT(index < m.count);
    return m.fields[index];
}

const ProtobufCFieldDescriptor *asks_answer(size_t index)
{
    const char *name = asks_at(index)->name;
    if (strcmp(name, "watch") == 0) /* answered by a page of the feed */
        name = "feed";
    else if (strcmp(name, "status") == 0) /* a response's own status has that name */
        name = "agent";
    const ProtobufCFieldDescriptor *answer =
        protobuf_c_message_descriptor_get_field_by_name(&kith__api__response__descriptor, name);
    KITH_ASSERT(answer != NULL);
    return answer;
}

bool asks_reads(size_t index)
{
    static const char *const reading[] = {"show",   "feed",   "watch",   "inbox",    "household",
                                          "status", "groups", "snoozes", "tellings", "load",
                                          "plan",   "pot",    "find",    "mail"};
    for (size_t i = 0; i < sizeof reading / sizeof reading[0]; i++)
        if (strcmp(asks_at(index)->name, reading[i]) == 0)
            return true;
    return false;
}

bool asks_has_token(size_t index)
{
    return protobuf_c_message_descriptor_get_field_by_name(asks_at(index)->descriptor, "token") !=
           NULL;
}

static bool find(const members_t *m, const char *name, size_t *ret_index)
{
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->fields[i]->name, name) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

bool asks_find(const char *name, size_t *ret_index)
{
    members_t m = members_of(&kith__api__request__descriptor);
    return find(&m, name, ret_index);
}

size_t asks_drafts_count(void)
{
    return members_of(&kith__api__draft__descriptor).count;
}

const ProtobufCFieldDescriptor *asks_draft_at(size_t index)
{
    members_t m = members_of(&kith__api__draft__descriptor);
    KITH_ASSERT(index < m.count);
    return m.fields[index];
}

bool asks_add(asks_t *set, const char *word)
{
    static const char submit[] = "submit";
    members_t drafts = members_of(&kith__api__draft__descriptor);
    size_t index = 0, draft = 0, submits = 0;
    KITH_ASSERT(asks_find(submit, &submits));
    if (strcmp(word, "all") == 0) {
        *set = (asks_t){UINT64_MAX, UINT64_MAX};
        return true;
    }
    if (strcmp(word, "read") == 0) {
        for (size_t i = 0; i < asks_count(); i++)
            set->asks |= (uint64_t)asks_reads(i) << i;
        return true;
    }
    if (strncmp(word, submit, sizeof submit - 1) == 0 && word[sizeof submit - 1] == ':' &&
        find(&drafts, word + sizeof submit, &draft)) {
        set->asks |= UINT64_C(1) << submits;
        set->drafts |= UINT64_C(1) << draft;
        return true;
    }
    if (!asks_find(word, &index))
        return false;
    set->asks |= UINT64_C(1) << index;
    if (index == submits)
        set->drafts = UINT64_MAX;
    return true;
}

bool asks_has(const asks_t *set, size_t ask)
{
    return (set->asks >> ask & 1) != 0;
}

bool asks_has_draft(const asks_t *set, uint32_t body)
{
    members_t m = members_of(&kith__api__draft__descriptor);
    for (size_t i = 0; i < m.count; i++)
        if (m.fields[i]->id == body)
            return (set->drafts >> i & 1) != 0;
    return set->drafts != 0; /* the agent says that a body is missing */
}
