/* A request's head is read strictly: what two readers could take differently is refused. */
#include "web/http.h"

#include "tests/lib/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kith_arena_t *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = kith_arena_new(4u * 1024u * 1024u);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

static http_read read_bytes(const char *text, size_t size, http_request_t *ret_request,
                            size_t *ret_size, http_fault_t *ret_fault)
{
    kith_arena_reset(arena);
    return http_read_head((kith_bytes_t){(const uint8_t *)text, size}, arena, ret_request, ret_size,
                          ret_fault);
}

static void a_head_is_read_once_it_is_whole(void **state)
{
    (void)state;
    const char *text = "POST /api/v1/feed?after=7&x=%2F HTTP/1.1\r\nHost: localhost:1\r\n"
                       "X-Thing: \t a b \t\r\ncontent-LENGTH: 12\r\n\r\n{\"limit\":10}";
    size_t whole = strlen(text) - 12, size = 0;
    http_request_t r;
    http_fault_t fault;
    for (size_t i = 0; i < whole; i++)
        assert_int_equal(read_bytes(text, i, &r, &size, &fault), HTTP_MORE);
    assert_int_equal(read_bytes(text, strlen(text), &r, &size, &fault), HTTP_DONE);
    assert_int_equal(size, whole);
    assert_int_equal(r.method, HTTP_POST);
    assert_string_equal(r.path, "/api/v1/feed");
    assert_string_equal(r.query, "after=7&x=%2F");
    assert_int_equal(r.body_size, 12);
    assert_string_equal(http_header(&r, "x-thing"), "a b");
    assert_null(http_header(&r, "thing"));
}

typedef struct refused {
    const char *text;
    const char *rule;
    unsigned status;
} refused_t;

#define GET  "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\nHost: h\r\n"

static const refused_t refused[] = {
    {POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer-encoding", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n", "transfer-encoding", 400},
    {POST "Transfer-Encoding: xchunked\r\n\r\n", "transfer-encoding", 400},
    {POST "transfer-encoding:\tchunked\r\n\r\n", "transfer-encoding", 400},
    {POST "Transfer-Encoding : chunked\r\n\r\n", "header", 400},
    {POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", "header-twice", 400},
    {POST "Content-Length: 3, 3\r\n\r\n", "content-length", 400},
    {POST "Content-Length: +3\r\n\r\n", "content-length", 400},
    {POST "Content-Length: 0x3\r\n\r\n", "content-length", 400},
    {POST "Content-Length: -1\r\n\r\n", "content-length", 400},
    {POST "Content-Length:\r\n\r\n", "content-length", 400},
    {POST "Content-Length: 3\r\n 4\r\n\r\n", "folded", 400},
    {POST "X-A: 1\r\n\tContent-Length: 3\r\n\r\n", "folded", 400},
    {POST " X-A: 1\r\n\r\n", "folded", 400},
    {POST "X-A: 1\nX-B: 2\r\n\r\n", "line-end", 400},
    {POST "X-A: 1\rX-B: 2\r\n\r\n", "line-end", 400},
    {"GET / HTTP/1.1\nHost: h\n\n", "line-end", 400},
    {POST ": x\r\n\r\n", "header", 400},
    {POST "X A: x\r\n\r\n", "header", 400},
    {POST "X-A\r\n\r\n", "header", 400},
    {POST "X-A: \x01\r\n\r\n", "head-bytes", 400},
    {POST "X-A: \xC3\xA9\r\n\r\n", "head-bytes", 400},
    {POST "Host: other\r\n\r\n", "header-twice", 400},
    {POST "Upgrade: websocket\r\n\r\n", "upgrade", 400},
    {POST "Content-Length: 1000000000\r\n\r\n", "body-size", 413},
    {POST "Content-Length: 655361\r\n\r\n", "body-size", 413},
    {GET "\r\n", "host", 400},
    {GET "Host:\r\n\r\n", "host", 400},
    {GET "Host: a, b\r\n\r\n", "host", 400},
    {GET "Host: h\r\nContent-Length: 1\r\n\r\n", "content-length", 400},
    {"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "request-line", 400},
    {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "request-line", 400},
    {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", "request-line", 400},
    {"GET /\r\nHost: h\r\n\r\n", "request-line", 400},
    {"GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", "request-line", 400},
    {"GET / JTTP/1.1\r\nHost: h\r\n\r\n", "request-line", 400},
    {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", "request-line", 400},
    {"GET / HTTP/1.0\r\nHost: h\r\n\r\n", "version", 505},
    {"GET / HTTP/2\r\nHost: h\r\n\r\n", "version", 505},
    {"PUT / HTTP/1.1\r\nHost: h\r\n\r\n", "method", 501},
    {"get / HTTP/1.1\r\nHost: h\r\n\r\n", "method", 501},
    {"GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "target", 400},
    {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", "target", 400},
    {"GET //h/ HTTP/1.1\r\nHost: h\r\n\r\n", "target", 400},
    {"GET /../etc HTTP/1.1\r\nHost: h\r\n\r\n", "target", 400},
    {"GET /%2e HTTP/1.1\r\nHost: h\r\n\r\n", "target", 400},
    {"GET /?a#b HTTP/1.1\r\nHost: h\r\n\r\n", "target", 400},
};

static void what_could_be_read_two_ways_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        http_request_t r;
        http_fault_t fault = {0};
        size_t size = 0;
        const char *text = refused[i].text;
        assert_int_equal(read_bytes(text, strlen(text), &r, &size, &fault), HTTP_FAULT);
        assert_string_equal(fault.rule, refused[i].rule);
        assert_int_equal(fault.status, refused[i].status);
        assert_true(strlen(fault.what) > 0);
    }
}

static void a_nul_is_refused(void **state)
{
    (void)state;
    static const char text[] = POST "X-A: a\0b\r\n\r\n";
    http_request_t r;
    http_fault_t fault = {0};
    size_t size = 0;
    assert_int_equal(read_bytes(text, sizeof text - 1, &r, &size, &fault), HTTP_FAULT);
    assert_string_equal(fault.rule, "head-bytes");
}

static void a_head_has_its_limits(void **state)
{
    (void)state;
    http_request_t r;
    http_fault_t fault = {0};
    size_t size = 0, used = strlen(POST);
    char *text = calloc(1, HTTP_HEAD_BYTES_MAX + 2);
    assert_non_null(text);
    memset(text, 'a', HTTP_HEAD_BYTES_MAX + 1);
    memcpy(text, POST, used);
    assert_int_equal(read_bytes(text, HTTP_HEAD_BYTES_MAX, &r, &size, &fault), HTTP_MORE);
    assert_int_equal(read_bytes(text, HTTP_HEAD_BYTES_MAX + 1, &r, &size, &fault), HTTP_FAULT);
    assert_string_equal(fault.rule, "head-size");
    memset(text, 0, HTTP_HEAD_BYTES_MAX);
    memcpy(text, POST, used);
    for (unsigned i = 0; i < HTTP_HEADERS_MAX; i++, used += 8)
        (void)snprintf(text + used, 9, "x-%02u:1\r\n", i);
    memcpy(text + used, "\r\n", 2);
    assert_int_equal(read_bytes(text, used + 2, &r, &size, &fault), HTTP_FAULT);
    assert_string_equal(fault.rule, "headers");
    free(text);
}

static http_request_t asked(const char *text)
{
    http_request_t r;
    http_fault_t fault;
    size_t size;
    assert_int_equal(read_bytes(text, strlen(text), &r, &size, &fault), HTTP_DONE);
    return r;
}

static void a_cookie_is_found_by_its_whole_name(void **state)
{
    (void)state;
    http_request_t r = asked(GET "Host: h\r\nCookie: akith=1; kith=2; kithe=3;kith2=4\r\n\r\n");
    assert_string_equal(http_cookie(&r, arena, "kith"), "2");
    assert_string_equal(http_cookie(&r, arena, "kith2"), "4");
    assert_null(http_cookie(&r, arena, "ith"));
    r = asked(GET "Host: h\r\n\r\n");
    assert_null(http_cookie(&r, arena, "kith"));
}

static void a_query_is_decoded(void **state)
{
    (void)state;
    const char *rest = "a=1&b=c%20d+e&f=%C3%A9&g=", *name = NULL, *value = NULL;
    static const char *const wanted[][2] = {
        {"a", "1"}, {"b", "c d e"}, {"f", "\xC3\xA9"}, {"g", ""}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(http_query_next(arena, &rest, &name, &value), 1);
        assert_string_equal(name, wanted[i][0]);
        assert_string_equal(value, wanted[i][1]);
    }
    assert_int_equal(http_query_next(arena, &rest, &name, &value), 0);
    static const char *const none[] = {"a", "=1", "&", "a=%", "a=%2", "a=%zz", "a=%00", "a=%ff"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        rest = none[i];
        assert_int_equal(http_query_next(arena, &rest, &name, &value), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_once_it_is_whole),
        cmocka_unit_test(what_could_be_read_two_ways_is_refused),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(a_head_has_its_limits),
        cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
        cmocka_unit_test(a_query_is_decoded),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
