#include "tests/lib/fake_seal.h"

#include "base/bug.h"
#include "base/text.h"
#include "tests/lib/toy_hash.h"

#include <string.h>

enum { WRAP_BYTES = 48, NONCE_BYTES = 24, SALT_BYTES = 16 };

#define SIGNING_KEY "fake-signing"

static ProtobufCBinaryData binary(kith_bytes_t bytes)
{
    return (ProtobufCBinaryData){bytes.size, (uint8_t *)(uintptr_t)bytes.data};
}

static kith_bytes_t bytes_of(ProtobufCBinaryData data)
{
    return (kith_bytes_t){data.data, data.len};
}

/* Of a planted bug: the header less what a signature then leaves out. */
static kith_bytes_t signed_part(kith_arena_t *arena, kith_bytes_t header)
{
    const char *field = NULL;
    if (!KITH_BUG(35) && !KITH_BUG(36))
        return header;
    Kith__Header *less =
        (Kith__Header *)kith_message_unpack(arena, &kith__header__descriptor, header, &field);
    KITH_ASSERT(less);
    if (KITH_BUG(35)) { /* recipients */
        less->n_slots = 0;
    } else { /* number and lane */
        less->id->seq = 0;
        less->id->lane = KITH__LANE__LANE_UNSPECIFIED;
        for (size_t i = 0; i < less->n_slots; i++)
            less->slots[i]->n = 0;
    }
    return KITH_PACK(arena, less);
}

/* The hash of signer and bytes, in the turn's arena. */
static ProtobufCBinaryData mark(kith_arena_t *arena, kith_tag tag, const char *signer,
                                kith_bytes_t bytes)
{
    kith_digest_t digest;
    kith_bytes_t parts[] = {kith_bytes_str(signer), bytes};
    toy_hash(tag, parts, 2, &digest);
    return binary(kith_arena_copy(arena, kith_digest_bytes(&digest)));
}

static bool mark_fits(kith_tag tag, const char *signer, kith_bytes_t bytes,
                      ProtobufCBinaryData signature)
{
    kith_digest_t digest;
    kith_bytes_t parts[] = {kith_bytes_str(signer), bytes};
    toy_hash(tag, parts, 2, &digest);
    return kith_bytes_equal(kith_digest_bytes(&digest), bytes_of(signature));
}

static ProtobufCBinaryData filled(kith_arena_t *arena, size_t size, uint64_t number)
{
    uint8_t *data = kith_arena_need(arena, size);
    memcpy(data, &number, sizeof number);
    return (ProtobufCBinaryData){size, data};
}

static void put_keys(kith_arena_t *arena, const kith_agreement_t *agreement, Kith__Header *header)
{
    for (size_t i = 0; i < header->n_slots; i++) {
        Kith__Slot *slot = header->slots[i];
        const kith_agency_t *agency = kith_agreement_agency(agreement, slot->agency);
        KITH_ASSERT(agency && kith_keyring_current(&agency->sealing));
        slot->sealing_key = kith_arena_str(arena, kith_keyring_current(&agency->sealing)->name);
        slot->wrap = filled(arena, WRAP_BYTES, header->id->seq);
    }
}

static kith_bytes_t put_content(kith_arena_t *arena, const agent_seal_job_t *job)
{
    Kith__Content content = KITH__CONTENT__INIT;
    content.notice = binary(job->notice);
    content.again = job->again;
    kith_bytes_t packed = KITH_PACK(arena, &content);
    kith_digest_t digest = kith_hash1(toy_hash, KITH_TAG_CONTENT, packed);
    Kith__Header *header = job->header;
    header->content_digest = binary(kith_arena_copy(arena, kith_digest_bytes(&digest)));
    header->key_commitment = filled(arena, KITH_DIGEST_BYTES, header->id->seq);
    header->sender_half = filled(arena, 32, header->id->seq);
    header->nonce = filled(arena, NONCE_BYTES, header->id->seq);
    return packed;
}

void fake_seal(kith_arena_t *arena, const kith_agreement_t *agreement, const agent_seal_job_t *job,
               Kith__Envelope **ret_envelope, kith_digest_t *ret_digest)
{
    Kith__Header *header = job->header;
    Kith__Envelope *envelope = kith_arena_need(arena, sizeof *envelope);
    kith__envelope__init(envelope);
    if (!header->void_) {
        put_keys(arena, agreement, header);
        envelope->content = binary(put_content(arena, job));
    }
    header->signing_key = kith_arena_str(arena, SIGNING_KEY);
    header->salt = filled(arena, SALT_BYTES, header->id->seq);
    kith_bytes_t packed = KITH_PACK(arena, header);
    envelope->header = binary(packed);
    envelope->proof = kith_arena_need(arena, sizeof *envelope->proof);
    kith__proof__init(envelope->proof);
    envelope->proof->count = 1;
    envelope->proof->signature =
        mark(arena, KITH_TAG_ROOT, header->id->origin, signed_part(arena, packed));
    *ret_envelope = envelope;
    *ret_digest = kith_header_digest(toy_hash, packed);
}

Kith__Reason fake_verify(kith_arena_t *arena, const Kith__Envelope *envelope,
                         Kith__Header **ret_header, kith_digest_t *ret_digest)
{
    Kith__Reason reason = fake_verify_shown(arena, envelope, ret_header, ret_digest);
    if (reason || (*ret_header)->void_ || KITH_BUG(41))
        return reason;
    kith_digest_t digest = kith_hash1(toy_hash, KITH_TAG_CONTENT, bytes_of(envelope->content));
    return kith_bytes_equal(kith_digest_bytes(&digest), bytes_of((*ret_header)->content_digest))
               ? KITH__REASON__REASON_UNSPECIFIED
               : KITH__REASON__REASON_BAD_SIGNATURE;
}

Kith__Reason fake_verify_shown(kith_arena_t *arena, const Kith__Envelope *envelope,
                               Kith__Header **ret_header, kith_digest_t *ret_digest)
{
    const char *field = NULL;
    Kith__Header *header = NULL;
    kith_bytes_t packed = bytes_of(envelope->header);
    if (!envelope->proof || kith_header_decode(arena, packed, &header, &field) != KITH_OK)
        return KITH__REASON__REASON_MALFORMED;
    *ret_header = header;
    *ret_digest = kith_header_digest(toy_hash, packed);
    return mark_fits(KITH_TAG_ROOT, header->id->origin, signed_part(arena, packed),
                     envelope->proof->signature)
               ? KITH__REASON__REASON_UNSPECIFIED
               : KITH__REASON__REASON_BAD_SIGNATURE;
}

Kith__Reason fake_open(kith_arena_t *arena, const char *agency, const char *sealing_key,
                       const Kith__Envelope *envelope, const Kith__Header *header,
                       kith_bytes_t *ret_notice_bytes, Kith__Notice **ret_notice, bool *ret_again)
{
    const char *field = NULL;
    const Kith__Slot *slot = kith_header_slot(header, agency);
    if (!slot || strcmp(slot->sealing_key, sealing_key) != 0)
        return KITH__REASON__REASON_CANNOT_OPEN;
    Kith__Content *content = (Kith__Content *)kith_message_unpack(
        arena, &kith__content__descriptor, bytes_of(envelope->content), &field);
    if (!content)
        return KITH__REASON__REASON_CONTENT_MALFORMED;
    Kith__Notice *notice = (Kith__Notice *)kith_message_unpack(arena, &kith__notice__descriptor,
                                                               bytes_of(content->notice), &field);
    if (!notice || notice->id.len != KITH_ID_BYTES)
        return KITH__REASON__REASON_CONTENT_MALFORMED;
    *ret_notice_bytes = bytes_of(content->notice);
    *ret_notice = notice;
    *ret_again = content->again;
    return KITH__REASON__REASON_UNSPECIFIED;
}

void fake_forge(kith_arena_t *arena, Kith__Envelope *envelope)
{
    Kith__Proof *proof = kith_arena_need(arena, sizeof *proof);
    *proof = *envelope->proof;
    proof->signature = filled(arena, KITH_DIGEST_BYTES, 1);
    envelope->proof = proof;
}

Kith__Signed *fake_sign(kith_arena_t *arena, kith_tag tag, const char *signer,
                        kith_bytes_t statement)
{
    Kith__Signed *made = kith_arena_need(arena, sizeof *made);
    kith__signed__init(made);
    made->statement = binary(statement);
    made->signature = mark(arena, tag, signer, statement);
    return made;
}

bool fake_signed_by(kith_tag tag, const char *signer, const Kith__Signed *statement)
{
    return mark_fits(tag, signer, bytes_of(statement->statement), statement->signature);
}
