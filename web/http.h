/* The head of one HTTP/1.1 request (RFC 9110, RFC 9112), read strictly. Pure.
 *
 * A connection carries one request and is closed after its answer, so that no byte can be taken for
 * another request. What two readers may take differently is refused, never repaired: a line end
 * that is not CR LF, a folded line, blanks around a header's name, two lengths, Transfer-Encoding
 * in any form, a target that is no plain path. Why not libmicrohttpd: ARCHITECTURE.md. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

/* Request line and headers; a browser sends about 1 KiB. */
#define HTTP_HEAD_BYTES_MAX (16u * 1024u)
#define HTTP_HEADERS_MAX    64u
/* A body is one request of api.proto as JSON: its frame, and as much again for the writing. */
#define HTTP_BODY_BYTES_MAX (640u * 1024u)

typedef enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_DELETE } http_method;

typedef struct http_header {
    const char *name; /* lower case */
    const char *value;
} http_header_t;

/* All in the arena. */
typedef struct http_request {
    http_method method;
    const char *path;  /* "/" and [A-Za-z0-9._~/-] */
    const char *query; /* as it was sent, without its "?"; "" when there is none */
    size_t headers_count;
    http_header_t headers[HTTP_HEADERS_MAX];
    size_t body_size; /* that is to follow */
} http_request_t;

/* Why a request is refused before anybody looks at what it asks. */
typedef struct http_fault {
    unsigned status;  /* 400 … */
    const char *rule; /* a short name */
    const char *what; /* what is wrong, and what to send instead */
} http_fault_t;

typedef enum http_read { HTTP_MORE, HTTP_DONE, HTTP_FAULT } http_read;

/* data: what has come so far. HTTP_MORE: the head is not whole, and nothing in it is wrong yet.
 * HTTP_DONE: *ret_head_size bytes were the head. HTTP_FAULT: answer with *ret_fault and close. */
http_read http_read_head(kith_bytes_t data, kith_arena_t *arena, http_request_t *ret_request,
                         size_t *ret_head_size, http_fault_t *ret_fault);

/* NULL when it is not there; each name stands there at most once. name: in lower case. */
const char *http_header(const http_request_t *request, const char *name);
/* The value of one cookie, in the arena; NULL. */
const char *http_cookie(const http_request_t *request, kith_arena_t *arena, const char *name);

/* The next name=value of a query, decoded (%XX, +) and UTF-8, in the arena. 1; 0 at the end; -1: it
 * is no query. *rest begins as request->query. */
int http_query_next(kith_arena_t *arena, const char **rest, const char **ret_name,
                    const char **ret_value);

/* "OK" … of a status this server sends. */
const char *http_reason(unsigned status);
