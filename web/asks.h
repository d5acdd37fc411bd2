/* What may be asked over HTTP: each member of api.proto's Request.ask, by its name. Pure.
 *
 * The rule: POST /api/v1/NAME with the request as JSON; of those that only read also
 * GET /api/v1/NAME?member=value. An ask that this table does not know is taken for one that
 * changes something. */
#pragma once

#include "base/bytes.h"

#include <protobuf-c/protobuf-c.h>

/* Members of Request.ask and of Draft's body. */
#define ASKS_MAX 64u

/* A set of both. */
typedef struct asks {
    uint64_t asks, drafts;
} asks_t;

size_t asks_count(void);
/* In the order of api.proto; index < asks_count(). Its type: the request's message. */
const ProtobufCFieldDescriptor *asks_at(size_t index);
/* The member of Response.answer that answers it. */
const ProtobufCFieldDescriptor *asks_answer(size_t index);
bool asks_reads(size_t index);
/* Has it a client token? Asked again with the same one, it is done once. */
bool asks_has_token(size_t index);
/* false when there is none. */
bool asks_find(const char *name, size_t *ret_index);

/* The bodies of a draft (event, alert …). */
size_t asks_drafts_count(void);
const ProtobufCFieldDescriptor *asks_draft_at(size_t index);

/* Adds what a word of a role's `may` stands for: all, read, the name of an ask, submit:BODY. false:
 * it stands for nothing. */
bool asks_add(asks_t *set, const char *word);
bool asks_has(const asks_t *set, size_t ask);
/* A submit also needs the kind of draft. body: the id of the field that is set; 0 when none is. */
bool asks_has_draft(const asks_t *set, uint32_t body);
