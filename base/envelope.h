/* Envelopes without keys: decoding, limits, digests and the Merkle tree.
 *
 * The hash comes in as a function (io/keys has BLAKE2b-256; the simulator its stand-in). Tags keep
 * the kinds apart, so that no hash of one can stand for another; PROTOCOL.md lists them. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"
#include "kith.pb-c.h"

typedef enum kith_tag {
    KITH_TAG_LEAF = 0,    /* a Header: this hash is the envelope's digest */
    KITH_TAG_NODE = 1,    /* left ‖ right */
    KITH_TAG_ROOT = 2,    /* what is signed: tag ‖ root */
    KITH_TAG_RECEIPT = 3, /* what is signed: tag ‖ statement */
    KITH_TAG_REFUSAL = 4,
    KITH_TAG_DIRECTORY = 5,
    KITH_TAG_CONTENT = 6,  /* Envelope.content */
    KITH_TAG_KEY = 7,      /* commitment to a content key */
    KITH_TAG_CHAIN = 8,    /* chain(n-1) ‖ digest n ‖ outcome n (1 byte) */
    KITH_TAG_KEY_NAME = 9, /* a public key's name: first 8 bytes in hex */
    KITH_TAG_WRAP = 10,    /* X25519 shared ‖ sender half ‖ recipient key: the wrapping key */
    KITH_TAG_REQUEST = 11, /* a client's request under its token */
    KITH_TAG_MAIL = 12,    /* kith-mail's tokens, and which mail is the same; never travels */
} kith_tag;

typedef struct kith_digest {
    uint8_t bytes[32];
} kith_digest_t;

/* BLAKE2b-256 over one tag byte and the parts in order. */
typedef void kith_hash_f(kith_tag tag, const kith_bytes_t *parts, size_t parts_count,
                         kith_digest_t *ret_digest);

kith_digest_t kith_hash1(kith_hash_f *hash, kith_tag tag, kith_bytes_t a);
kith_bytes_t kith_digest_bytes(const kith_digest_t *digest);

/* Decodes and checks everything that needs no key: limits, names, each agency once, sizes of binary
 * fields, lanes, a void's shape, n and seq above 0. A void may leave out what belongs to the seal.
 * KITH_INVALID, with the field in *ret_field ("" when it is no Header at all). */
kith_err kith_header_decode(kith_arena_t *arena, kith_bytes_t header, Kith__Header **ret_header,
                            const char **ret_field);
/* The slot of an agency; NULL when it has none. */
const Kith__Slot *kith_header_slot(const Kith__Header *header, const char *agency);

/* Digest of an envelope: the leaf hash of its header bytes. */
kith_digest_t kith_header_digest(kith_hash_f *hash, kith_bytes_t header);

/* Root from a leaf and its proof. KITH_INVALID when index, count and path do not fit together. */
kith_err kith_merkle_root(kith_hash_f *hash, const kith_digest_t *leaf, const Kith__Proof *proof,
                          kith_digest_t *ret_root);
/* The tree of 1..64 leaves, level by level from the leaves up; the root is the last node. An odd
 * last node moves up as it is. */
#define KITH_TREE_NODES_MAX (2 * KITH_BATCH_MAX + KITH_PATH_MAX)
typedef struct kith_merkle {
    size_t leaves_count, nodes_count;
    kith_digest_t nodes[KITH_TREE_NODES_MAX];
} kith_merkle_t;
void kith_merkle_build(kith_hash_f *hash, const kith_digest_t *leaves, size_t count,
                       kith_merkle_t *ret_tree);
const kith_digest_t *kith_merkle_top(const kith_merkle_t *tree);
/* Leaf i's path, at most KITH_PATH_MAX hashes; returns how many. */
size_t kith_merkle_path(const kith_merkle_t *tree, size_t index,
                        kith_digest_t ret_path[KITH_PATH_MAX]);

kith_digest_t kith_chain_next(kith_hash_f *hash, kith_bytes_t chain_before, kith_bytes_t digest,
                              Kith__Outcome outcome);

/* The padded size of a Content: 1, 4, 16, 64 or 256 KiB. 0 when it is larger than all. */
size_t kith_padded_size(size_t content_size);

/* Lane as an index (base/credit.h) and back; -1 when it is neither. */
int kith_lane_index(Kith__Lane lane);
Kith__Lane kith_lane_of(int index);
