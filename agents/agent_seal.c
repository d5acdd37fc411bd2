/* Verifying and opening what came, sealing and signing what goes. See agent_seal.h. */
#include "agents/agent_seal.h"

#include "base/text.h"

#include <string.h>

static kith_bytes_t bytes_of(ProtobufCBinaryData data)
{
    return (kith_bytes_t){data.data, data.len};
}

/* The statement inside, or NULL when it is none. */
static void *unpack_statement(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                              const Kith__Signed *statement)
{
    const char *field = NULL;
    if (!statement)
        return NULL;
    return kith_message_unpack(arena, type, bytes_of(statement->statement), &field);
}

/* A refusal speaks for the broker that sends it, and for no other. */
static Kith__Reason judge_refusal(const agent_seal_t *self, size_t broker,
                                  const Kith__Refusal *refusal, const Kith__Signed *statement)
{
    const kith_broker_entry_t *entry =
        kith_agreement_broker(self->agreement, self->brokers[broker]);
    if (!refusal || !refusal->id)
        return KITH__REASON__REASON_MALFORMED;
    if (strcmp(refusal->partnership, self->agreement->partnership) != 0)
        return KITH__REASON__REASON_WRONG_PARTNERSHIP;
    if (!entry || strcmp(refusal->broker, entry->id) != 0)
        return KITH__REASON__REASON_NOT_YOUR_NAME;
    return seal_verify_statement(&entry->signing, refusal->signing_key, KITH_TAG_REFUSAL,
                                 statement);
}

/* A receipt speaks for the recipient of the stream it names. */
static Kith__Reason judge_receipt(const agent_seal_t *self, const Kith__Receipt *receipt,
                                  const Kith__Signed *statement)
{
    if (!receipt || !receipt->stream)
        return KITH__REASON__REASON_MALFORMED;
    if (strcmp(receipt->partnership, self->agreement->partnership) != 0)
        return KITH__REASON__REASON_WRONG_PARTNERSHIP;
    const kith_agency_t *recipient =
        kith_agreement_agency(self->agreement, receipt->stream->recipient);
    if (!recipient)
        return KITH__REASON__REASON_NOT_YOUR_NAME;
    return seal_verify_statement(&recipient->signing, receipt->signing_key, KITH_TAG_RECEIPT,
                                 statement);
}

/* Evidence counts only when it is this agency's own and its signature fits. */
static const Kith__Header *judge_shown(const agent_seal_t *self, kith_arena_t *arena,
                                       const Kith__ReceiptPacket *packet)
{
    Kith__Header *header = NULL;
    kith_digest_t digest;
    if (packet->shown_header.len == 0 || !packet->shown_proof)
        return NULL;
    if (seal_verify_shown(self->cache, self->agreement, arena, bytes_of(packet->shown_header),
                          packet->shown_proof, &header, &digest))
        return NULL;
    return strcmp(header->id->origin, self->agency) == 0 ? header : NULL;
}

static void judge_packet(const agent_seal_t *self, kith_arena_t *arena, size_t broker,
                         Kith__Packet *packet, agent_event_t *event)
{
    event->type = AGENT_EV_PACKET;
    event->packet.broker = broker;
    event->packet.packet = packet;
    if (packet->verb_case == KITH__PACKET__VERB_REFUSED) {
        const Kith__Signed *statement = packet->refused->refusal;
        event->packet.refusal = unpack_statement(arena, &kith__refusal__descriptor, statement);
        event->packet.verdict = judge_refusal(self, broker, event->packet.refusal, statement);
    } else if (packet->verb_case == KITH__PACKET__VERB_RECEIPT) {
        const Kith__Signed *statement = packet->receipt->receipt;
        event->packet.receipt = unpack_statement(arena, &kith__receipt__descriptor, statement);
        event->packet.verdict = judge_receipt(self, event->packet.receipt, statement);
        event->packet.shown = judge_shown(self, arena, packet->receipt);
    }
}

static void judge_delivery(const agent_seal_t *self, kith_arena_t *arena, size_t broker,
                           Kith__Deliver *deliver, agent_event_t *event)
{
    static const Kith__Envelope nothing = KITH__ENVELOPE__INIT;
    const Kith__Envelope *envelope = deliver->envelope ? deliver->envelope : &nothing;
    Kith__Header *header = NULL;
    Kith__Notice *notice = NULL;
    event->type = AGENT_EV_DELIVER;
    event->deliver.broker = broker;
    event->deliver.token = deliver->token;
    event->deliver.envelope = envelope;
    event->deliver.verdict =
        seal_verify(self->cache, self->agreement, arena, envelope, &header, &event->deliver.digest);
    event->deliver.header = header;
    if (event->deliver.verdict || header->void_)
        return;
    event->deliver.opened =
        seal_open(self->cache, self->keys, self->agreement, arena, self->agency, envelope, header,
                  &notice, &event->deliver.notice_bytes, &event->deliver.again);
    event->deliver.notice = notice;
}

void agent_seal_event(const agent_seal_t *self, kith_arena_t *arena, size_t broker,
                      Kith__Packet *packet, agent_event_t *event)
{
    if (packet->verb_case == KITH__PACKET__VERB_DELIVER)
        judge_delivery(self, arena, broker, packet->deliver, event);
    else
        judge_packet(self, arena, broker, packet, event);
}

seal_job_t *agent_seal_jobs(const agent_seal_t *self, kith_arena_t *arena,
                            const agent_effects_t *effects)
{
    seal_job_t *jobs = kith_arena_need(arena, (effects->count + 1) * sizeof *jobs);
    for (size_t i = 0; i < effects->count; i++) {
        const agent_effect_t *effect = &effects->items[i];
        KITH_ASSERT(effect->type == AGENT_FX_SEAL);
        jobs[i].header = effect->seal.header;
        jobs[i].notice = effect->seal.notice;
        jobs[i].again = effect->seal.again;
    }
    seal_batch(self->cache, self->keys, self->agreement, arena, jobs, effects->count);
    return jobs;
}

Kith__Packet *agent_seal_receipt(const agent_seal_t *self, kith_arena_t *arena, int64_t now_ms,
                                 const agent_effect_t *effect)
{
    Kith__Receipt *receipt = effect->receipt.receipt;
    char *name = kith_arena_need(arena, KITH_KEY_NAME_SIZE);
    keys_name(keys_public(self->keys, KEYS_SIGNING), name);
    receipt->made_ms = now_ms;
    receipt->signing_key = name;

    Kith__Packet *packet = kith_arena_need(arena, sizeof *packet);
    kith__packet__init(packet);
    packet->verb_case = KITH__PACKET__VERB_RECEIPT;
    packet->receipt = effect->receipt.packet;
    packet->receipt->receipt =
        seal_sign(self->keys, arena, KITH_TAG_RECEIPT, KITH_PACK(arena, receipt));
    return packet;
}
