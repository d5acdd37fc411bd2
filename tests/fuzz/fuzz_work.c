/* The work of one agency after another, fed with notices and drafts of any content. Property: a
 * notice is applied, or refused with a reason and nothing of it is kept; what an agency may submit,
 * itself and every recipient can apply; no order of them makes a store that cannot be read. */
#include "agents/work/parts.h"
#include "base/limits.h"
#include "base/text.h"
#include "fuzz.h"
#include "input.h"
#include "tests/unit/work_world.h"

#define STEPS_MAX 24u

static world_node_t *any_node(world_t *w, input_t *in)
{
    return &w->nodes[input_u8(in) % WORLD_NODES];
}

static kith_bytes_t any_message(input_t *in)
{
    return input_bytes(in, input_u16(in) % 2048);
}

static void deliver(world_t *w, input_t *in)
{
    world_node_t *node = any_node(w, in);
    uint8_t flags = input_u8(in);
    const char *field = NULL;
    Kith__Notice *notice = (Kith__Notice *)kith_message_unpack(w->arena, &kith__notice__descriptor,
                                                               any_message(in), &field);
    if (!notice || notice->id.len != KITH_ID_BYTES) /* the seal opens none of these */
        return;
    /* The seal has compared the origin, and looked the topic up. */
    if (!kith_agreement_agency(&w->agreement, notice->origin) ||
        !kith_agreement_topic(&w->agreement, notice->topic))
        return;
    uint64_t before = memtxn_hash(node->store);
    kith_err err = world_try_deliver(
        w, node->work.agency, notice,
        (deliver_with_t){
            .late = flags & 1, .again = flags & 2, .early = flags & 4, .clock_apart = flags & 8});
    KITH_ASSERT(err == KITH_OK || err == KITH_INVALID);
    KITH_ASSERT((err == KITH_INVALID) == (w->reason != KITH__REASON__REASON_UNSPECIFIED));
    KITH_ASSERT(err == KITH_OK || memtxn_hash(node->store) == before);
}

static void submit(world_t *w, input_t *in)
{
    const char *agency = any_node(w, in)->work.agency, *field = NULL;
    Kith__Api__Draft *draft = (Kith__Api__Draft *)kith_message_unpack(
        w->arena, &kith__api__draft__descriptor, any_message(in), &field);
    if (!draft)
        return;
    uint64_t before = memtxn_hash(world_node(w, agency)->store);
    kith_err err = world_prepare(w, agency, draft);
    KITH_ASSERT(memtxn_hash(world_node(w, agency)->store) == before);
    if (err != KITH_OK) {
        KITH_ASSERT(err == KITH_INVALID || err == KITH_DENIED || err == KITH_NOT_FOUND ||
                    err == KITH_CONFLICT);
        KITH_ASSERT(w->refusal.rule && w->refusal.what);
        return;
    }
    w->ids--; /* world_say prepares it again, to the same notice */
    (void)world_say(w, agency, draft);
}

static void link_own(world_t *w, input_t *in)
{
    const char *agency = any_node(w, in)->work.agency, *field = NULL;
    Kith__Api__LinkRequest *ask = (Kith__Api__LinkRequest *)kith_message_unpack(
        w->arena, &kith__api__link_request__descriptor, any_message(in), &field);
    if (!ask)
        return;
    kith_err err = world_try_link(w, agency, ask);
    KITH_ASSERT(err == KITH_OK || (w->refusal.rule && w->refusal.what));
    KITH_ASSERT(err != KITH_CORRUPT && err != KITH_LIMIT && err != KITH_IO);
}

static void look(world_t *w, world_node_t *node)
{
    const char *agency = node->work.agency;
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    Kith__Api__HouseholdResponse households = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    ask.limit = KITH_FEED_PAGE_MAX;
    (void)world_feed(w, agency, ask);
    (void)world_front_door(w, agency);
    (void)world_inbox(w, agency, 0, 0);
    (void)world_tick(w, agency);
    kith_txn_t *txn = world_begin(w, agency);
    KITH_ASSERT(work_households(&node->work, txn, w->arena, (kith_bytes_t){0}, &households) ==
                KITH_OK);
    for (size_t i = 0; i < households.n_households; i++) {
        Kith__Api__HouseholdResponse one = KITH__API__HOUSEHOLD_RESPONSE__INIT;
        KITH_ASSERT(work_households(&node->work, txn, w->arena,
                                    bytes_of(households.households[i]->id), &one) == KITH_OK);
    }
    memtxn_abort(node->store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {{data, size}};
    world_t *w = world_new();
    for (size_t i = 0; i < STEPS_MAX && in.rest.size; i++) {
        switch (input_u8(&in) % 4) {
        case 0:
            deliver(w, &in);
            break;
        case 1:
            submit(w, &in);
            break;
        case 2:
            link_own(w, &in);
            break;
        default:
            w->now_ms += (int64_t)input_u16(&in) * MINUTE;
            break;
        }
    }
    for (size_t i = 0; i < WORLD_NODES; i++)
        look(w, &w->nodes[i]);
    world_destroy(w);
    return 0;
}
