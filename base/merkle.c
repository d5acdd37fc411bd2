/* Digests, the tree under one signature, and a stream's chain.
 *
 * A level's nodes are paired from the left; an odd last one moves up as it is, so it has no sibling
 * in its path there. */
#include "base/envelope.h"

#include "base/bug.h"

#include <string.h>

kith_bytes_t kith_digest_bytes(const kith_digest_t *digest)
{
    return (kith_bytes_t){.data = digest->bytes, .size = sizeof digest->bytes};
}

kith_digest_t kith_hash1(kith_hash_f *hash, kith_tag tag, kith_bytes_t a)
{
    kith_digest_t digest;
    hash(tag, &a, 1, &digest);
    return digest;
}

kith_digest_t kith_header_digest(kith_hash_f *hash, kith_bytes_t header)
{
    return kith_hash1(hash, KITH_TAG_LEAF, header);
}

static kith_digest_t node(kith_hash_f *hash, kith_bytes_t left, kith_bytes_t right)
{
    kith_digest_t digest;
    hash(KITH_TAG_NODE, (kith_bytes_t[]){left, right}, 2, &digest);
    return digest;
}

/* The places of a path, bottom up: where this level's sibling stands. */
typedef enum side { SIDE_NONE, SIDE_LEFT, SIDE_RIGHT } side_t;

static side_t sibling_side(size_t index, size_t count)
{
    if (index % 2 == 1) {
        return SIDE_LEFT;
    }
    return index + 1 < count ? SIDE_RIGHT : SIDE_NONE;
}

static size_t path_length(size_t index, size_t count)
{
    size_t length = 0;
    for (; count > 1; index /= 2, count = (count + 1) / 2) {
        length += sibling_side(index, count) != SIDE_NONE;
    }
    return length;
}

kith_err kith_merkle_root(kith_hash_f *hash, const kith_digest_t *leaf, const Kith__Proof *proof,
                          kith_digest_t *ret_root)
{
    size_t index = proof->index, count = proof->count, used = 0;
    if (count == 0 || count > KITH_BATCH_MAX || index >= count ||
        proof->n_path != path_length(index, count)) {
        return KITH_INVALID;
    }
    for (size_t i = 0; i < proof->n_path; i++) {
        if (proof->path[i].len != KITH_DIGEST_BYTES) {
            return KITH_INVALID;
        }
    }
    kith_digest_t current = *leaf;
    for (; count > 1; index /= 2, count = (count + 1) / 2) {
        side_t side = sibling_side(index, count);
        if (side == SIDE_NONE) {
            continue;
        }
        kith_bytes_t own = kith_digest_bytes(&current);
        kith_bytes_t other = {.data = proof->path[used].data, .size = proof->path[used].len};
        used++;
        current = side == SIDE_LEFT ? node(hash, other, own) : node(hash, own, other);
    }
    *ret_root = current;
    return KITH_OK;
}

/* Makes the level above; returns its count. */
static size_t level_up(kith_hash_f *hash, const kith_digest_t *below, size_t count,
                       kith_digest_t *ret_above)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        ret_above[i / 2] =
            node(hash, kith_digest_bytes(&below[i]), kith_digest_bytes(&below[i + 1]));
    }
    if (count % 2 == 1) {
        ret_above[count / 2] = below[count - 1];
    }
    return (count + 1) / 2;
}

void kith_merkle_build(kith_hash_f *hash, const kith_digest_t *leaves, size_t count,
                       kith_merkle_t *ret_tree)
{
    KITH_ASSERT(count > 0 && count <= KITH_BATCH_MAX);
    memcpy(ret_tree->nodes, leaves, count * sizeof *leaves);
    ret_tree->leaves_count = ret_tree->nodes_count = count;
    for (size_t level = 0; count > 1; level = ret_tree->nodes_count - count) {
        count =
            level_up(hash, &ret_tree->nodes[level], count, &ret_tree->nodes[ret_tree->nodes_count]);
        ret_tree->nodes_count += count;
    }
}

const kith_digest_t *kith_merkle_top(const kith_merkle_t *tree)
{
    return &tree->nodes[tree->nodes_count - 1];
}

size_t kith_merkle_path(const kith_merkle_t *tree, size_t index,
                        kith_digest_t ret_path[KITH_PATH_MAX])
{
    KITH_ASSERT(index < tree->leaves_count);
    const kith_digest_t *level = tree->nodes;
    size_t length = 0;
    for (size_t count = tree->leaves_count; count > 1; index /= 2, count = (count + 1) / 2) {
        side_t side = sibling_side(index, count);
        if (side != SIDE_NONE) {
            ret_path[length++] = level[side == SIDE_LEFT ? index - 1 : index + 1];
        }
        level += count;
    }
    return length;
}

kith_digest_t kith_chain_next(kith_hash_f *hash, kith_bytes_t chain_before, kith_bytes_t digest,
                              Kith__Outcome outcome)
{
    uint8_t outcome_byte = (uint8_t)outcome;
    kith_bytes_t parts[] = {chain_before, digest, {.data = &outcome_byte, .size = 1}};
    if (KITH_BUG(37))
        parts[1] = (kith_bytes_t){0};
    kith_digest_t next;
    hash(KITH_TAG_CHAIN, parts, sizeof parts / sizeof parts[0], &next);
    return next;
}
