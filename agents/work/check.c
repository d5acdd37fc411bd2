/* Is a notice what its type demands, whoever sent it? The limits of fields are walked by
 * descriptor, so that a new field has them from its first day; what each kind demands stands in the
 * kind's own file. Enum values that are not known here pass: a newer sender may have them. */
#include "agents/work/parts.h"

#include "base/text.h"

/* The last millisecond of the year 9999, as far as times can be shown. */
#define TIME_MS_MAX INT64_C(253402300799999)

/* Fields of free text; every other string is a line. */
static const char *const texts[] = {"narrative", "text",      "need",       "reason",
                                    "note",      "next_step", "family_view"};

typedef struct list_limit {
    const char *field;
    size_t count_max;
} list_limit_t;

static const list_limit_t lists[] = {
    {"about", KITH_ABOUT_MAX},     {"caused_by", KITH_CAUSES_MAX},
    {"members", KITH_MEMBERS_MAX}, {"team", KITH_SLOTS_MAX},
    {"asked", KITH_SLOTS_MAX},     {"subscriptions", KITH_TOPICS_MAX},
    {"roles", MEMBER_ROLES_MAX},   {"services", KITH_SERVICES_MAX},
    {"knows", KITH_SERVICES_MAX},  {"needs", KITH_ABOUT_MAX},
    {"told", KITH_SLOTS_MAX},      {"outcomes", KITH_OUTCOMES_MAX},
    {"expects", KITH_EXPECTS_MAX}, {"assessments", KITH_KNOWN_ASSESSMENTS_MAX},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const work_refusal_t too_long = {"line-too-long", "a line holds at most 512 bytes"};
static const work_refusal_t text_too_long = {"text-too-long", "a text holds at most 64 KiB"};
static const work_refusal_t ref_too_long = {"reference-too-long",
                                            "a reference's system and id hold at most 128 bytes"};
static const work_refusal_t not_text = {"not-text", "it is not UTF-8"};
static const work_refusal_t too_many = {"too-many", "the list is longer than its limit"};
static const work_refusal_t not_an_id = {"not-an-id", "an id is 16 bytes, not all of them zero"};
static const work_refusal_t not_a_time = {"not-a-time",
                                          "a time lies between 1970 and the end of the year 9999"};

static bool is_field(const ProtobufCFieldDescriptor *field, const char *name)
{
    return strcmp(field->name, name) == 0;
}

static const work_refusal_t *check_string(const ProtobufCMessageDescriptor *type,
                                          const ProtobufCFieldDescriptor *field, const char *text)
{
    size_t limit = KITH_LINE_BYTES_MAX;
    const work_refusal_t *refusal = &too_long;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (is_field(field, texts[i])) {
            limit = KITH_TEXT_BYTES_MAX;
            refusal = &text_too_long;
        }
    }
    if (type == &kith__reference__descriptor) {
        limit = KITH_REFERENCE_BYTES_MAX;
        refusal = &ref_too_long;
    }
    kith_bytes_t bytes = kith_bytes_str(text);
    if (bytes.size > limit) {
        return refusal;
    }
    return kith_text_utf8(bytes) ? NULL : &not_text;
}

/* All bytes in a notice are ids. */
static const work_refusal_t *check_id(const ProtobufCBinaryData *id)
{
    static const uint8_t zero[KITH_ID_BYTES];
    if (id->len == 0) {
        return NULL;
    }
    bool fits = id->len == KITH_ID_BYTES && memcmp(id->data, zero, sizeof zero) != 0;
    return fits ? NULL : &not_an_id;
}

static const work_refusal_t *check_time(int64_t ms)
{
    return ms >= 0 && ms <= TIME_MS_MAX ? NULL : &not_a_time;
}

/* value: where the field's value stands in its struct, or one element of a list. */
static const work_refusal_t *check_value(const ProtobufCMessageDescriptor *type,
                                         const ProtobufCFieldDescriptor *field, const void *value,
                                         const char **ret_field)
{
    const void *pointer = NULL;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING) {
        memcpy(&pointer, value, sizeof pointer);
        if (pointer == NULL) {
            return NULL;
        }
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return check_fields(pointer, ret_field);
    }
    const work_refusal_t *refusal = NULL;
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        refusal = check_string(type, field, pointer);
    } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
        refusal = check_id(value);
    } else if (field->type == PROTOBUF_C_TYPE_INT64) { /* all of them are times */
        int64_t ms;
        memcpy(&ms, value, sizeof ms);
        refusal = check_time(ms);
    }
    if (refusal != NULL) {
        *ret_field = field->name;
    }
    return refusal;
}

/* Lists of numbers hold nothing to check; no kind has one. */
static size_t element_size(const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        return sizeof(ProtobufCBinaryData);
    }
    bool pointer = field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
    return pointer ? sizeof(void *) : 0;
}

static const work_refusal_t *check_list(const ProtobufCMessage *message,
                                        const ProtobufCFieldDescriptor *field,
                                        const char **ret_field)
{
    const uint8_t *first = (const uint8_t *)message;
    size_t count, count_max = KITH_REPEATED_MAX;
    memcpy(&count, first + field->quantifier_offset, sizeof count);
    for (size_t i = 0; i < COUNT(lists); i++) {
        if (is_field(field, lists[i].field)) {
            count_max = lists[i].count_max;
        }
    }
    if (count > count_max) {
        *ret_field = field->name;
        return &too_many;
    }
    const uint8_t *elements;
    memcpy(&elements, first + field->offset, sizeof elements);
    const work_refusal_t *refusal = NULL;
    for (size_t i = 0; i < count && refusal == NULL; i++) {
        refusal =
            check_value(message->descriptor, field, elements + i * element_size(field), ret_field);
    }
    return refusal;
}

static bool is_chosen(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
        return true;
    }
    uint32_t chosen;
    memcpy(&chosen, (const uint8_t *)message + field->quantifier_offset, sizeof chosen);
    return chosen == field->id;
}

/* Recurses by descriptor only, and no message contains itself. */
const work_refusal_t *check_fields(const ProtobufCMessage *message, const char **ret_field)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const work_refusal_t *refusal = NULL;
    for (unsigned i = 0; i < type->n_fields && refusal == NULL; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            refusal = check_list(message, field, ret_field);
        } else if (is_chosen(message, field)) {
            refusal = check_value(type, field, (const uint8_t *)message + field->offset, ret_field);
        }
    }
    return refusal;
}

const work_refusal_t *check_about(size_t count, Kith__About *const *about)
{
    static const work_refusal_t refusal = {
        "reference-missing", "each `about` names a record: its system and its id there"};
    for (size_t i = 0; i < count; i++) {
        const Kith__Reference *ref = about[i]->ref;
        if (ref == NULL || !has_text(ref->system) || !has_text(ref->id)) {
            return &refusal;
        }
    }
    return NULL;
}

/* What every notice has. */
static const work_refusal_t *check_frame(const Kith__Notice *notice)
{
    static const work_refusal_t no_id = {"id-missing", "a notice has an id of its own"};
    static const work_refusal_t names = {
        "not-a-name", "origin and topic are names: [a-z0-9] then [a-z0-9.-], at most 48"};
    static const work_refusal_t no_time = {"created-missing", "a notice says when it was made"};
    static const work_refusal_t expires = {"expires-before-made",
                                           "a notice expires after it was made, or never"};
    if (notice->id.len == 0) {
        return &no_id;
    }
    if (!kith_text_name(notice->origin) || !kith_text_name(notice->topic)) {
        return &names;
    }
    if (notice->created_ms == 0) {
        return &no_time;
    }
    return notice->expires_ms != 0 && notice->expires_ms <= notice->created_ms ? &expires : NULL;
}

const work_refusal_t *check_notice(const Kith__Notice *notice, const char **ret_field)
{
    static const work_refusal_t no_body = {"body-missing", "a notice says something: an event, a "
                                                           "referral, an alert …"};
    const work_refusal_t *refusal = check_fields(&notice->base, ret_field);
    if (refusal == NULL) {
        refusal = check_frame(notice);
    }
    if (refusal != NULL) {
        return refusal;
    }
    const work_kind_t *kind = work_kind_of(notice->body_case);
    if (kind == NULL) { /* of a newer version, if there is anything at all */
        return notice->base.n_unknown_fields > 0 ? NULL : &no_body;
    }
    return notice->event != NULL ? kind->check(notice) : &no_body;
}

kith_err work_check(const Kith__Notice *notice, Kith__Reason *ret_reason)
{
    const char *field = NULL;
    if (check_notice(notice, &field) == NULL) {
        return KITH_OK;
    }
    *ret_reason = KITH__REASON__REASON_CONTENT_MALFORMED;
    return KITH_INVALID;
}
