/* Any bytes as the head of a request. Property: more bytes never undo a fault or a whole head, a
 * whole head has one Host and a bounded body, and its query and cookies can be read to their end.
 */
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "fuzz.h"
#include "web/http.h"

#include <string.h>

static void read_rest(kith_arena_t *arena, const http_request_t *r)
{
    const char *rest = r->query, *name = NULL, *value = NULL;
    while (http_query_next(arena, &rest, &name, &value) > 0)
        KITH_ASSERT(kith_text_utf8(kith_bytes_str(name)) && kith_text_utf8(kith_bytes_str(value)));
    (void)http_cookie(r, arena, "kith");
    KITH_ASSERT(r->path[0] == '/' && !strstr(r->path, "/.") && r->headers_count > 0);
    KITH_ASSERT(http_header(r, "host") && !http_header(r, "transfer-encoding"));
    KITH_ASSERT(r->body_size <= HTTP_BODY_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_arena_t *arena = kith_arena_new(16 * KITH_MIB);
    http_request_t r;
    http_fault_t fault = {0};
    size_t head = 0;
    http_read read = http_read_head((kith_bytes_t){data, size}, arena, &r, &head, &fault);
    KITH_ASSERT(read != HTTP_MORE || size <= HTTP_HEAD_BYTES_MAX);
    if (read == HTTP_FAULT)
        KITH_ASSERT(fault.status >= 400 && *fault.rule && *fault.what);
    if (read == HTTP_DONE) {
        size_t again = 0;
        KITH_ASSERT(head <= size && head >= 4 && memcmp(data + head - 4, "\r\n\r\n", 4) == 0);
        read_rest(arena, &r);
        KITH_ASSERT(http_read_head((kith_bytes_t){data, head}, arena, &r, &again, &fault) ==
                        HTTP_DONE &&
                    again == head);
        KITH_ASSERT(http_read_head((kith_bytes_t){data, head - 1}, arena, &r, &again, &fault) ==
                    HTTP_MORE);
    }
    kith_arena_destroy(&arena);
    return 0;
}
