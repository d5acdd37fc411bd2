/* Requests of api.proto over HTTP, by its descriptors: see web/asks.h for the rule. */
#include "web/exchange.h"

#include "base/limits.h"
#include "base/text.h"
#include "io/json_message.h"
#include "web/asks.h"
#include "web/openapi.h"

#include <string.h>

static exchange_end refuse_misfit(exchange_t *x, kith_err err, const kith_json_misfit_t *misfit)
{
    if (err == KITH_LIMIT)
        return exchange_refuse(x, 413, "body-size", "the request is larger than a message may be");
    x->answer = answer_problem(x->arena, 422, "member", misfit->what, misfit->field);
    return EXCHANGE_ANSWERED;
}

/* ---- what is asked ---- */

/* NULL: refused. */
static kith_json_t *query_object(exchange_t *x, const ProtobufCMessageDescriptor *type)
{
    kith_json_t *object = kith_json_object();
    const char *rest = x->request.query, *name = NULL, *value = NULL;
    kith_json_misfit_t misfit;
    int found;
    while ((found = http_query_next(x->arena, &rest, &name, &value)) > 0) {
        kith_err err = kith_json_put_query(type, object, name, value, &misfit);
        if (err != KITH_OK) {
            refuse_misfit(x, err, &misfit);
            kith_json_destroy(&object);
            return NULL;
        }
    }
    if (found < 0) {
        exchange_refuse(x, 400, "query", "a query is name=value&name=value, encoded, in UTF-8");
        kith_json_destroy(&object);
    }
    return object;
}

static ProtobufCMessage *read_message(exchange_t *x, const ProtobufCMessageDescriptor *type)
{
    bool query = x->request.method != HTTP_POST;
    kith_json_t *value = query ? query_object(x, type) : exchange_body(x);
    if (value == NULL)
        return NULL;
    ProtobufCMessage *message = NULL;
    kith_json_misfit_t misfit;
    kith_err err = kith_json_to_message(x->room, type, value, &message, &misfit);
    kith_json_destroy(&value);
    if (err != KITH_OK) {
        refuse_misfit(x, err, &misfit);
        return NULL;
    }
    const char *field = NULL;
    if (kith_message_check(message, &field) == KITH_OK)
        return message;
    x->answer = answer_problem(x->arena, 422, "text", "longer than a text or a list may be", field);
    return NULL;
}

/* The client's own name for the request: the header, or the member of that name. */
static bool take_token(exchange_t *x, ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "token");
    ProtobufCBinaryData *token = (ProtobufCBinaryData *)(void *)((char *)message + field->offset);
    const char *key = http_header(&x->request, "idempotency-key");
    size_t size = key != NULL ? strlen(key) : 0;
    if ((key != NULL) == (token->len > 0) || size > KITH_TOKEN_BYTES_MAX) {
        exchange_refuse(x, 400, "idempotency-key",
                        "name this request in Idempotency-Key, 1 to 64 bytes of your own choice: "
                        "the same again is then done once");
        return false;
    }
    if (key != NULL)
        *token = (ProtobufCBinaryData){.len = size, .data = (uint8_t *)(uintptr_t)key};
    return true;
}

static bool may(const exchange_parts_t *parts, const exchange_t *x, const ProtobufCMessage *message)
{
    const asks_t *set = &parts->conf->users[x->who.user].role->may;
    if (!asks_has(set, x->ask_index))
        return false;
    if (message == NULL || message->descriptor != &kith__api__submit_request__descriptor)
        return true;
    const Kith__Api__Draft *draft = ((const Kith__Api__SubmitRequest *)message)->draft;
    return asks_has_draft(set, draft != NULL ? (uint32_t)draft->body_case : 0);
}

static exchange_end refuse_role(const exchange_parts_t *parts, exchange_t *x)
{
    return exchange_refuse(x, 403, "role",
                           kith_arena_printf(x->arena, "the role %s may not ask for this",
                                             parts->conf->users[x->who.user].role->name));
}

static exchange_end refuse_method(exchange_t *x, bool reads)
{
    exchange_refuse(x, 405, "method", reads ? "use GET or POST here" : "use POST here");
    x->answer.more = reads ? "Allow: GET, POST\r\n" : "Allow: POST\r\n";
    return EXCHANGE_ANSWERED;
}

exchange_end exchange_ask(const exchange_parts_t *parts, exchange_t *x, const char *name)
{
    if (strcmp(name, "openapi.json") == 0 && x->request.method == HTTP_GET) {
        kith_json_t *document = openapi_document();
        x->answer = answer_json(x->arena, 200, &document);
        return EXCHANGE_ANSWERED;
    }
    if (!asks_find(name, &x->ask_index))
        return exchange_refuse(x, 404, "path", "no such request: see /api/v1/openapi.json");
    bool reads = asks_reads(x->ask_index);
    if (x->request.method != HTTP_POST && !(reads && x->request.method == HTTP_GET))
        return refuse_method(x, reads);
    if (!may(parts, x, NULL))
        return refuse_role(parts, x);
    const ProtobufCFieldDescriptor *field = asks_at(x->ask_index);
    ProtobufCMessage *message = read_message(x, field->descriptor);
    if (message == NULL)
        return EXCHANGE_ANSWERED;
    if (!may(parts, x, message))
        return refuse_role(parts, x);
    if (asks_has_token(x->ask_index) && !take_token(x, message))
        return EXCHANGE_ANSWERED;
    kith__api__request__init(&x->ask);
    x->ask.on_behalf_of = (char *)(uintptr_t)parts->conf->users[x->who.user].name;
    x->ask.ask_case = (Kith__Api__Request__AskCase)field->id;
    *(ProtobufCMessage **)(void *)((char *)&x->ask + field->offset) = message;
    x->wait_ms = EXCHANGE_WAIT_MS;
    if (x->ask.ask_case == KITH__API__REQUEST__ASK_WATCH)
        x->wait_ms += x->ask.watch->wait_ms;
    return EXCHANGE_ASK;
}

/* ---- the feed as it comes ---- */

exchange_end exchange_stream(const exchange_parts_t *parts, exchange_t *x)
{
    const char *last = http_header(&x->request, "last-event-id");
    if (x->request.method != HTTP_GET) {
        exchange_refuse(x, 405, "method", "use GET here");
        x->answer.more = "Allow: GET\r\n";
        return EXCHANGE_ANSWERED;
    }
    KITH_ASSERT(asks_find("watch", &x->ask_index));
    if (!may(parts, x, NULL))
        return refuse_role(parts, x);
    kith_json_t *object = query_object(x, &kith__api__watch_request__descriptor);
    if (object == NULL)
        return EXCHANGE_ANSWERED;
    if (last != NULL) /* where the browser was cut off is later than where it began */
        kith_json_put_str(object, "after", last);
    ProtobufCMessage *message = NULL;
    kith_json_misfit_t misfit;
    kith_err err = kith_json_to_message(x->room, &kith__api__watch_request__descriptor, object,
                                        &message, &misfit);
    kith_json_destroy(&object);
    if (err != KITH_OK)
        return refuse_misfit(x, err, &misfit);
    x->after = ((const Kith__Api__WatchRequest *)message)->after;
    x->answer =
        (answer_t){.status = 200, .type = "text/event-stream", .more = "", .cache = "no-store"};
    return EXCHANGE_STREAM;
}

/* ---- what the agent said ---- */

static unsigned http_status_of(Kith__Api__Status status)
{
    switch (status) {
    case KITH__API__STATUS__STATUS_OK:
        return 200;
    case KITH__API__STATUS__STATUS_INVALID:
        return 422;
    case KITH__API__STATUS__STATUS_NOT_FOUND:
        return 404;
    case KITH__API__STATUS__STATUS_NOT_ALLOWED:
        return 403;
    case KITH__API__STATUS__STATUS_CONFLICT:
    case KITH__API__STATUS__STATUS_AMBIGUOUS:
        return 409;
    case KITH__API__STATUS__STATUS_FULL:
        return 503;
    case KITH__API__STATUS__STATUS_UNSPECIFIED:
    case _KITH__API__STATUS_IS_INT_SIZE:
        break;
    }
    return 503; /* a newer agent's word: nothing is known */
}

/* A notice travels as the bytes that were signed; here it is shown as what they say. */
static void open_notice(kith_arena_t *arena, kith_json_t *object,
                        const Kith__Api__ShowResponse *show)
{
    const char *field = NULL;
    kith_bytes_t bytes = {.data = show->notice.data, .size = show->notice.len};
    ProtobufCMessage *notice = kith_message_unpack(arena, &kith__notice__descriptor, bytes, &field);
    if (notice == NULL)
        return;
    kith_json_t *inner = kith_json_of_message(notice);
    kith_json_put(object, "notice", &inner);
}

answer_t exchange_finish(kith_arena_t *arena, size_t ask_index, const Kith__Api__Response *response)
{
    if (response->status != KITH__API__STATUS__STATUS_OK) {
        unsigned status = http_status_of(response->status);
        const char *rule = *response->rule != '\0' ? response->rule : "agent";
        return status == 503 ? answer_later(arena, status, rule, response->what, 5)
                             : answer_problem(arena, status, rule, response->what, NULL);
    }
    const ProtobufCFieldDescriptor *field = asks_answer(ask_index);
    if ((uint32_t)response->answer_case != field->id)
        return answer_problem(arena, 503, "agent", "the agent's answer is of another kind", NULL);
    const ProtobufCMessage *message =
        *(ProtobufCMessage *const *)(const void *)((const char *)response + field->offset);
    kith_json_t *object = kith_json_of_message(message);
    if (message->descriptor == &kith__api__show_response__descriptor)
        open_notice(arena, object, (const Kith__Api__ShowResponse *)message);
    return answer_json(arena, 200, &object);
}

answer_t exchange_unanswered(kith_arena_t *arena, size_t ask_index)
{
    return answer_later(arena, 504, "no-answer",
                        asks_has_token(ask_index)
                            ? "the agent did not answer: whether it was done is unknown; the same "
                              "again under the same Idempotency-Key does it once and no more"
                            : "the agent did not answer: ask again",
                        5);
}
