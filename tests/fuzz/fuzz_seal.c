/* Envelopes sealed with real keys, changed by the input. Property: only what the origin signed is
 * verified, byte for byte; and what opens, even under a header that the origin signed anew, is a
 * notice that was sealed. */
#include "base/text.h"
#include "fuzz.h"
#include "input.h"
#include "tests/unit/seal_world.h"

enum { BASES = 4 };

typedef struct base {
    seal_job_t job;
    kith_bytes_t header, content;
} base_t;

static world_t *w;
static base_t bases[BASES]; /* one alone, and three under one signature of which one is a void */

static void remember(base_t *base, seal_job_t job)
{
    base->job = job;
    base->header = view(job.ret_envelope->header);
    base->content = view(job.ret_envelope->content);
}

static void world_make(void)
{
    void *state = NULL;
    KITH_ASSERT(keys_begin() == KITH_OK && begin(&state) == 0);
    w = state;
    remember(&bases[0], seal_notice(w, new_notice(w, "alone")));
    seal_job_t jobs[BASES - 1] = {{0}};
    static Kith__Void nothing = KITH__VOID__INIT;
    uint8_t digest[32] = {1};
    nothing.replaces = field(kith_arena_copy(w->arena, run(digest, sizeof digest)));
    nothing.reason = KITH__REASON__REASON_STALE;
    for (unsigned i = 0; i < BASES - 1; i++) {
        jobs[i].header = new_header(w, 2 + i);
        if (i == 2) {
            jobs[i].header->n_slots = 1;
            jobs[i].header->void_ = &nothing;
            jobs[i].header->clause = kith_arena_str(w->arena, "");
        } else {
            jobs[i].notice = KITH_PACK(w->arena, new_notice(w, i ? "one of three" : "another"));
        }
    }
    seal_batch(w->cache[POLICE], w->keys[POLICE], &w->agreement, w->arena, jobs, BASES - 1);
    for (unsigned i = 0; i < BASES - 1; i++)
        remember(&bases[1 + i], jobs[i]);
}

/* The bytes with some of them changed, cut off or put in. */
static ProtobufCBinaryData edited(input_t *in, ProtobufCBinaryData bytes)
{
    size_t edits = input_u8(in) % 8;
    uint8_t *copy = kith_arena_need(w->arena, bytes.len + 8 * 256 + 1);
    size_t size = bytes.len;
    if (size)
        memcpy(copy, bytes.data, size);
    for (size_t i = 0; i < edits; i++) {
        uint8_t what = input_u8(in);
        size_t at = input_u16(in) % (size + 1);
        kith_bytes_t put = input_bytes(in, what / 4);
        if (what % 4 == 0 && at < size) {
            copy[at] ^= input_u8(in);
        } else if (what % 4 == 1) {
            size = at;
        } else if (what % 4 == 2 && put.size) {
            memmove(copy + at + put.size, copy + at, size - at);
            memcpy(copy + at, put.data, put.size);
            size += put.size;
        } else if (put.size) {
            size_t fits = put.size < size - at ? put.size : size - at;
            memcpy(copy + at, put.data, fits);
        }
    }
    return (ProtobufCBinaryData){size, copy};
}

static const base_t *find(kith_bytes_t header)
{
    for (size_t i = 0; i < BASES; i++)
        if (kith_bytes_equal(bases[i].header, header))
            return &bases[i];
    return NULL;
}

static const base_t *find_content(kith_bytes_t content)
{
    for (size_t i = 0; i < BASES; i++)
        if (kith_bytes_equal(bases[i].content, content))
            return &bases[i];
    return NULL;
}

static void check_opened(const Kith__Envelope *envelope, const Kith__Header *header, bool must)
{
    for (int agency = 0; agency < AGENCIES; agency++) {
        Kith__Notice *notice = NULL;
        kith_bytes_t bytes = {0};
        bool again = false;
        if (header->void_)
            return;
        Kith__Reason reason = seal_open(w->cache[agency], w->keys[agency], &w->agreement, w->arena,
                                        names[agency], envelope, header, &notice, &bytes, &again);
        KITH_ASSERT((reason == 0) == (notice != NULL));
        KITH_ASSERT(!must || reason == (agency == POLICE ? KITH__REASON__REASON_CANNOT_OPEN : 0));
        const base_t *base = find_content(view(envelope->content));
        KITH_ASSERT(!notice || (base && !again && kith_bytes_equal(bytes, base->job.notice)));
    }
}

/* What somebody between origin and recipient may send. */
static void try_changed(const Kith__Envelope *envelope)
{
    Kith__Header *header = NULL;
    kith_digest_t digest;
    for (int agency = HOUSING; agency <= SOCIAL_CARE; agency++) {
        if (seal_verify(w->cache[agency], &w->agreement, w->arena, envelope, &header, &digest) != 0)
            continue;
        const base_t *base = find(view(envelope->header));
        KITH_ASSERT(base && kith_bytes_equal(base->content, view(envelope->content)));
        check_opened(envelope, header, true);
    }
}

/* What an agency with keys may sign. */
static void try_signed_anew(int agency, const Kith__Envelope *envelope)
{
    Kith__Header *header = NULL;
    const char *wrong = NULL;
    kith_digest_t digest;
    if (kith_header_decode(w->arena, view(envelope->header), &header, &wrong) != KITH_OK)
        return;
    Kith__Envelope *anew = sign_alone(w, agency, header, view(envelope->content));
    if (seal_verify(w->cache[HOUSING], &w->agreement, w->arena, anew, &header, &digest) == 0)
        check_opened(anew, header, false);
}

static void splice(input_t *in)
{
    Kith__Envelope envelope = KITH__ENVELOPE__INIT;
    Kith__Proof proof = *bases[input_u8(in) % BASES].job.ret_envelope->proof;
    envelope.header = edited(in, bases[input_u8(in) % BASES].job.ret_envelope->header);
    envelope.content = edited(in, bases[input_u8(in) % BASES].job.ret_envelope->content);
    proof.signature = edited(in, proof.signature);
    proof.index ^= input_u8(in);
    proof.count ^= input_u8(in);
    envelope.proof = &proof;
    try_changed(&envelope);
    try_signed_anew(input_u8(in) % AGENCIES, &envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!w)
        world_make();
    input_t in = {{data, size}};
    kith_arena_t *kept = w->arena;
    w->arena = kith_arena_new(16 * KITH_MIB);
    if (input_u8(&in) % 4) {
        splice(&in);
    } else {
        const char *wrong = NULL;
        ProtobufCBinaryData packed =
            edited(&in, field(KITH_PACK(w->arena, bases[input_u8(&in) % BASES].job.ret_envelope)));
        Kith__Envelope *envelope = (Kith__Envelope *)kith_message_unpack(
            w->arena, &kith__envelope__descriptor, view(packed), &wrong);
        if (envelope)
            try_changed(envelope);
    }
    kith_arena_destroy(&w->arena);
    w->arena = kept;
    return 0;
}
