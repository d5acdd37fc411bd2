#include "web/openapi.h"

#include "api.pb-c.h"
#include "base/arena.h"
#include "base/limits.h"
#include "web/asks.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 80

/* What does not come from a descriptor. */
static const char frame[] =
    "{\"openapi\":\"3.1.0\","
    "\"info\":{\"title\":\"Kith: the agent of one agency\",\"version\":\"" KITH_VERSION "\","
    "\"description\":\"Each member of Request.ask of api.proto is a path. POST the request as "
    "JSON; those that only read also take GET with plain members in the query. Members that end in "
    "_ms are RFC 3339 times without that ending; ids are UUIDs, other bytes hex; an enum is a "
    "word. "
    "Left out is what is not set. A page goes on with `after`. Errors are problems (RFC 9457) "
    "whose "
    "`rule` is stable. A POST with a session's cookie needs its csrf token in X-Kith-CSRF.\"},"
    "\"servers\":[{\"url\":\"/api/v1\"}],"
    "\"security\":[{\"token\":[]},{\"session\":[]}],"
    "\"components\":{\"securitySchemes\":{"
    "\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"kith\"}},"
    "\"responses\":{\"Problem\":{\"description\":\"refused, or not known; `detail` says what to "
    "do\",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":"
    "\"#/components/schemas/Problem\"}}}}}}}";

static const char problem[] =
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\",\"rule\"],"
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"rule\":{\"type\":\"string\"},\"field\":{\"type\":\"string\"}}}";

static const char session_path[] =
    "{\"get\":{\"operationId\":\"session_show\",\"summary\":\"who am I, and what may I ask\","
    "\"responses\":{\"200\":{\"$ref\":\"#/components/responses/Session\"},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"post\":{\"operationId\":\"session_begin\",\"summary\":\"log in: sets the cookie\","
    "\"security\":[],\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{"
    "\"schema\":{\"type\":\"object\",\"required\":[\"user\",\"password\"],\"properties\":{"
    "\"user\":{\"type\":\"string\"},\"password\":{\"type\":\"string\"}}}}}},"
    "\"responses\":{\"200\":{\"$ref\":\"#/components/responses/Session\"},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"delete\":{\"operationId\":\"session_end\",\"summary\":\"log out\","
    "\"responses\":{\"204\":{\"description\":\"it has ended\"},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}}";

static const char sessions_path[] =
    "{\"delete\":{\"operationId\":\"sessions_end\",\"summary\":\"log out everywhere\","
    "\"responses\":{\"204\":{\"description\":\"all of this user's sessions have ended\"},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}}";

static const char session_response[] =
    "{\"description\":\"who asks\",\"content\":{\"application/json\":{\"schema\":{"
    "\"type\":\"object\",\"required\":[\"user\",\"role\",\"may\",\"csrf\",\"by_proxy\","
    "\"mail_address\",\"mail_box\"],"
    "\"properties\":{\"user\":{\"type\":\"string\"},\"role\":{\"type\":\"string\"},"
    "\"may\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"csrf\":{\"type\":\"string\"},"
    "\"mail_address\":{\"type\":\"string\"},\"mail_box\":{\"type\":\"string\"},"
    "\"by_proxy\":{\"type\":\"boolean\"}}}}}}";

static const char events_path[] =
    "{\"get\":{\"operationId\":\"events\",\"summary\":\"the feed as it comes: server-sent events, "
    "each one FeedEntry, whose id is its seq\",\"parameters\":["
    "{\"name\":\"after\",\"in\":\"query\",\"schema\":{\"type\":\"integer\",\"minimum\":0}},"
    "{\"name\":\"Last-Event-ID\",\"in\":\"header\",\"schema\":{\"type\":\"string\"}}],"
    "\"responses\":{\"200\":{\"description\":\"events named entry\",\"content\":{"
    "\"text/event-stream\":{\"schema\":{\"type\":\"string\"}}}},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}}";

static const char openapi_path[] =
    "{\"get\":{\"operationId\":\"openapi\",\"summary\":\"this document\",\"security\":[],"
    "\"responses\":{\"200\":{\"description\":\"OpenAPI 3.1\",\"content\":{\"application/json\":{"
    "\"schema\":{\"type\":\"object\"}}}}}}}";

static const char token_parameter[] =
    "{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":true,\"description\":\"1 to 64 "
    "bytes of your own choice: the same request again is done once\",\"schema\":{\"type\":"
    "\"string\",\"minLength\":1,\"maxLength\":64}}";

/* Of our own texts: anything else than JSON is a bug. */
static kith_json_t *parsed(const char *text)
{
    kith_json_t *value = NULL;
    kith_json_error_t error;
    KITH_ASSERT(kith_json_parse(kith_bytes_str(text), &value, &error) == KITH_OK);
    return value;
}

static void put_parsed(kith_json_t *object, const char *name, const char *text)
{
    kith_json_t *value = parsed(text);
    kith_json_put(object, name, &value);
}

static kith_json_t *ref(const char *name)
{
    char text[NAME_SIZE + 32];
    kith_json_t *object = kith_json_object();
    (void)snprintf(text, sizeof text, "#/components/schemas/%s", name);
    kith_json_put_str(object, "$ref", text);
    return object;
}

/* ---- schemas ---- */

static kith_json_t *message_schema(kith_json_t *schemas, const ProtobufCMessageDescriptor *type);

static kith_json_t *enum_schema(kith_json_t *schemas, const ProtobufCEnumDescriptor *type)
{
    if (kith_json_get(schemas, type->name) == NULL) {
        kith_json_t *schema = kith_json_object(), *words = kith_json_list();
        for (unsigned i = 0; i < type->n_values; i++) {
            char word[KITH_WORD_SIZE];
            kith_enum_word(type, type->values[i].value, word);
            if (*word != '\0')
                kith_json_add_str(words, word);
        }
        kith_json_t *known = kith_json_object(), *newer = parsed("{\"type\":\"integer\"}");
        kith_json_t *any = kith_json_list();
        kith_json_put(known, "enum", &words);
        kith_json_add(any, &known);
        kith_json_add(any, &newer);
        kith_json_put(schema, "anyOf", &any);
        kith_json_put_str(schema, "description",
                          "a number: a word that this version does not know");
        kith_json_put(schemas, type->name, &schema);
    }
    return ref(type->name);
}

static kith_json_t *value_schema(kith_json_t *schemas, const ProtobufCFieldDescriptor *field)
{
    if (kith_json_is_time(field))
        return parsed("{\"type\":\"string\",\"format\":\"date-time\"}");
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return parsed("{\"type\":\"integer\",\"format\":\"int64\"}");
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return parsed("{\"type\":\"integer\",\"minimum\":0,\"maximum\":4294967295}");
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return parsed("{\"type\":[\"integer\",\"string\"],\"minimum\":0,\"pattern\":\"^[0-9]+$\","
                      "\"description\":\"a string from 2^63 on\"}");
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return parsed("{\"type\":\"number\"}");
    case PROTOBUF_C_TYPE_BOOL:
        return parsed("{\"type\":\"boolean\"}");
    case PROTOBUF_C_TYPE_ENUM:
        return enum_schema(schemas, field->descriptor);
    case PROTOBUF_C_TYPE_STRING:
        return parsed("{\"type\":\"string\"}");
    case PROTOBUF_C_TYPE_BYTES:
        return parsed("{\"type\":\"string\",\"pattern\":\"^[0-9a-fA-F-]*$\","
                      "\"description\":\"a UUID, or hex\"}");
    case PROTOBUF_C_TYPE_MESSAGE:
        return message_schema(schemas, field->descriptor);
    }
    KITH_NEVER("a field of a type that protobuf-c has not");
}

/* An element that is empty keeps its place as null. */
static kith_json_t *list_schema(kith_json_t *schemas, const ProtobufCFieldDescriptor *field)
{
    kith_json_t *list = parsed("{\"type\":\"array\"}"), *items = value_schema(schemas, field);
    bool may_be_empty = field->type == PROTOBUF_C_TYPE_BYTES ||
                        field->type == PROTOBUF_C_TYPE_ENUM || kith_json_is_time(field);
    if (may_be_empty) {
        kith_json_t *any = kith_json_list(), *null = parsed("{\"type\":\"null\"}");
        kith_json_add(any, &items);
        kith_json_add(any, &null);
        items = kith_json_object();
        kith_json_put(items, "anyOf", &any);
    }
    kith_json_put(list, "items", &items);
    return list;
}

/* show gives the notice as what its bytes say. */
static kith_json_t *field_schema(kith_json_t *schemas, const ProtobufCMessageDescriptor *type,
                                 const ProtobufCFieldDescriptor *field)
{
    if (type == &kith__api__show_response__descriptor && strcmp(field->name, "notice") == 0)
        return message_schema(schemas, &kith__notice__descriptor);
    return field->label == PROTOBUF_C_LABEL_REPEATED ? list_schema(schemas, field)
                                                     : value_schema(schemas, field);
}

static void put_choices(kith_json_t *schema, const ProtobufCMessageDescriptor *type)
{
    char text[1024] = "at most one of:";
    size_t none = strlen(text), used = none;
    for (unsigned i = 0; i < type->n_fields; i++)
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
            used += (size_t)snprintf(text + used, sizeof text - used, " %s", type->fields[i].name);
    KITH_ASSERT(used < sizeof text);
    if (used > none)
        kith_json_put_str(schema, "description", text);
}

/* Puts the type among the schemas, and what it is made of; gives a reference to it. */
static kith_json_t *message_schema(kith_json_t *schemas, const ProtobufCMessageDescriptor *type)
{
    if (kith_json_get(schemas, type->name) == NULL) {
        kith_json_t *schema = parsed("{\"type\":\"object\"}"), *properties = kith_json_object();
        for (unsigned i = 0; i < type->n_fields; i++) {
            char name[KITH_JSON_NAME_SIZE];
            kith_json_name(&type->fields[i], name);
            kith_json_t *field = field_schema(schemas, type, &type->fields[i]);
            kith_json_put(properties, name, &field);
        }
        kith_json_put(schema, "properties", &properties);
        put_choices(schema, type);
        kith_json_put(schemas, type->name, &schema);
    }
    return ref(type->name);
}

/* ---- paths ---- */

static kith_json_t *in_json(kith_json_t **schema_p)
{
    kith_json_t *media = kith_json_object(), *content = kith_json_object();
    kith_json_put(media, "schema", schema_p);
    kith_json_put(content, "application/json", &media);
    return content;
}

static void put_responses(kith_json_t *operation, kith_json_t *schemas, size_t ask)
{
    kith_json_t *answer = message_schema(schemas, asks_answer(ask)->descriptor);
    kith_json_t *content = in_json(&answer), *ok = kith_json_object();
    kith_json_t *responses = kith_json_object();
    kith_json_put_str(ok, "description", "done, or as asked for");
    kith_json_put(ok, "content", &content);
    kith_json_put(responses, "200", &ok);
    put_parsed(responses, "default", "{\"$ref\":\"#/components/responses/Problem\"}");
    kith_json_put(operation, "responses", &responses);
}

static kith_json_t *post_operation(kith_json_t *schemas, size_t ask)
{
    kith_json_t *operation = kith_json_object(), *body = parsed("{\"required\":true}");
    kith_json_t *request = message_schema(schemas, asks_at(ask)->descriptor);
    kith_json_t *content = in_json(&request);
    kith_json_put(body, "content", &content);
    kith_json_put_str(operation, "operationId", asks_at(ask)->name);
    if (asks_has_token(ask)) {
        kith_json_t *parameters = kith_json_list(), *token = parsed(token_parameter);
        kith_json_add(parameters, &token);
        kith_json_put(operation, "parameters", &parameters);
    }
    kith_json_put(operation, "requestBody", &body);
    put_responses(operation, schemas, ask);
    return operation;
}

static kith_json_t *get_operation(kith_json_t *schemas, size_t ask)
{
    const ProtobufCMessageDescriptor *type = asks_at(ask)->descriptor;
    kith_json_t *operation = kith_json_object(), *parameters = kith_json_list();
    char id[NAME_SIZE];
    (void)snprintf(id, sizeof id, "%s_get", asks_at(ask)->name);
    kith_json_put_str(operation, "operationId", id);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED || field->type == PROTOBUF_C_TYPE_MESSAGE)
            continue;
        char name[KITH_JSON_NAME_SIZE];
        kith_json_name(field, name);
        kith_json_t *one = parsed("{\"in\":\"query\"}"), *schema = value_schema(schemas, field);
        kith_json_put_str(one, "name", name);
        kith_json_put(one, "schema", &schema);
        kith_json_add(parameters, &one);
    }
    kith_json_put(operation, "parameters", &parameters);
    put_responses(operation, schemas, ask);
    return operation;
}

kith_json_t *openapi_document(void)
{
    kith_json_t *document = parsed(frame), *paths = kith_json_object();
    kith_json_t *schemas = kith_json_object();
    put_parsed(schemas, "Problem", problem);
    for (size_t i = 0; i < asks_count(); i++) {
        char path[NAME_SIZE];
        (void)snprintf(path, sizeof path, "/%s", asks_at(i)->name);
        kith_json_t *item = kith_json_object(), *post = post_operation(schemas, i);
        if (asks_reads(i)) {
            kith_json_t *get = get_operation(schemas, i);
            kith_json_put(item, "get", &get);
        }
        kith_json_put(item, "post", &post);
        kith_json_put(paths, path, &item);
    }
    put_parsed(paths, "/session", session_path);
    put_parsed(paths, "/sessions", sessions_path);
    put_parsed(paths, "/events", events_path);
    put_parsed(paths, "/openapi.json", openapi_path);
    kith_json_t *entry = message_schema(schemas, &kith__api__feed_entry__descriptor);
    kith_json_destroy(&entry);
    /* What the frame holds is ours to change: it was made here. */
    kith_json_t *components = (kith_json_t *)(uintptr_t)kith_json_get(document, "components");
    kith_json_t *responses = (kith_json_t *)(uintptr_t)kith_json_get(components, "responses");
    put_parsed(responses, "Session", session_response);
    kith_json_put(components, "schemas", &schemas);
    kith_json_put(document, "paths", &paths);
    return document;
}
