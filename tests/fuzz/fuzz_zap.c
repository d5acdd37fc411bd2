/* A request of any parts at the door. Property: it gets one whole answer, and enters only when
 * every part is as RFC 27 says and the key is the one that is known. */
#include "base/limits.h"
#include "fuzz.h"
#include "input.h"
#include "io/link_private.h"
#include "io/zap.h"

#include <string.h>

enum { PARTS_MAX = 9, ANSWER_PARTS = 7 /* with REQ's empty one before */ };

static const uint8_t known[32] = "0123456789abcdef0123456789abcde";
static link_context_t *context;
static kith_zap_t *zap;
static void *socket_in;

static zap_verdict decide(void *ctx, const uint8_t key[32], char ret_user[64])
{
    (void)ctx;
    if (memcmp(key, known, sizeof known) != 0)
        return key[0] % 2 ? ZAP_DENY : ZAP_NOT_YET;
    memcpy(ret_user, "police", 7);
    return ZAP_ADMIT;
}

static void begin(void)
{
    context = link_context_new();
    KITH_ASSERT(zap_new(context, decide, NULL, &zap) == KITH_OK);
    socket_in = zmq_socket(context->zmq, ZMQ_DEALER);
    KITH_ASSERT(socket_in && zmq_connect(socket_in, "inproc://zeromq.zap.01") == 0);
}

static bool is(kith_bytes_t part, const char *text)
{
    return kith_bytes_equal(part, kith_bytes_str(text));
}

static bool is_right(const kith_bytes_t *parts, size_t count)
{
    return count == 7 && is(parts[0], "1.0") && is(parts[2], "kith") && is(parts[5], "CURVE") &&
           kith_bytes_equal(parts[6], (kith_bytes_t){known, sizeof known});
}

static void check_answer(const kith_bytes_t *parts, size_t count)
{
    zmq_msg_t answer[ANSWER_PARTS];
    size_t answered = 0;
    for (int i = 0; i < ANSWER_PARTS; i++)
        zmq_msg_init(&answer[i]);
    KITH_ASSERT(link_take(socket_in, answer, ANSWER_PARTS, &answered) == KITH_OK);
    KITH_ASSERT(answered == ANSWER_PARTS);
    kith_bytes_t said[ANSWER_PARTS];
    for (int i = 0; i < ANSWER_PARTS; i++)
        said[i] = (kith_bytes_t){zmq_msg_data(&answer[i]), zmq_msg_size(&answer[i])};
    KITH_ASSERT(said[0].size == 0 && is(said[1], "1.0") && said[3].size == 3);
    KITH_ASSERT(kith_bytes_equal(said[2], count > 1 ? parts[1] : (kith_bytes_t){0}));
    KITH_ASSERT(is(said[3], "200") == is_right(parts, count));
    KITH_ASSERT(is(said[3], "200") ? is(said[5], "police") : said[5].size == 0);
    for (int i = 0; i < ANSWER_PARTS; i++)
        zmq_msg_close(&answer[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const right[] = {"1.0", "7", "kith", "127.0.0.1", "", "CURVE"};
    input_t in = {{data, size}};
    kith_bytes_t parts[PARTS_MAX];
    size_t count = 1 + input_u8(&in) % PARTS_MAX;
    if (!zap)
        begin();
    for (size_t i = 0; i < count; i++) {
        uint8_t how = input_u8(&in);
        if (how % 2)
            parts[i] = input_bytes(&in, how / 2);
        else if (i < sizeof right / sizeof right[0])
            parts[i] = kith_bytes_str(right[i]);
        else
            parts[i] = (kith_bytes_t){known, sizeof known};
    }
    KITH_ASSERT(link_put(socket_in, "", 0, ZMQ_SNDMORE) >= 0);
    for (size_t i = 0; i < count; i++)
        KITH_ASSERT(link_put(socket_in, parts[i].data, parts[i].size,
                             i + 1 < count ? ZMQ_SNDMORE : 0) >= 0);
    zap_serve(zap);
    check_answer(parts, count);
    return 0;
}
