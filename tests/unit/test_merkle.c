/* The tree under one signature, against RFC 6962's recursive definition, for every count. */
#include "base/envelope.h"
#include "tests/lib/dies.h"
#include "tests/lib/toy_hash.h"
#include "tests/lib/unit.h"

#include <string.h>

static kith_digest_t leaf(size_t i)
{
    uint8_t byte = (uint8_t)i;
    return kith_header_digest(toy_hash, (kith_bytes_t){.data = &byte, .size = 1});
}

/* A tree whose odd last node moves up is the tree that RFC 6962 defines by splitting at the largest
 * power of two below the count; this is that definition. */
static kith_digest_t rfc_root(const kith_digest_t *leaves, size_t count)
{
    if (count == 1) {
        return leaves[0];
    }
    size_t split = 1;
    while (split * 2 < count) {
        split *= 2;
    }
    kith_digest_t left = rfc_root(leaves, split);
    kith_digest_t right = rfc_root(leaves + split, count - split);
    kith_digest_t node;
    toy_hash(KITH_TAG_NODE, (kith_bytes_t[]){kith_digest_bytes(&left), kith_digest_bytes(&right)},
             2, &node);
    return node;
}

typedef struct proven {
    kith_digest_t path[KITH_PATH_MAX];
    ProtobufCBinaryData parts[KITH_PATH_MAX + 1];
    Kith__Proof proof;
} proven_t;

static kith_digest_t root_of(const kith_digest_t *leaves, size_t count)
{
    kith_merkle_t tree;
    kith_merkle_build(toy_hash, leaves, count, &tree);
    return *kith_merkle_top(&tree);
}

static void prove(const kith_digest_t *leaves, size_t count, size_t index, proven_t *ret)
{
    kith_merkle_t tree;
    kith_merkle_build(toy_hash, leaves, count, &tree);
    size_t length = kith_merkle_path(&tree, index, ret->path);
    assert_true(length <= KITH_PATH_MAX);
    for (size_t i = 0; i <= KITH_PATH_MAX; i++) {
        ret->parts[i].data = ret->path[i < length ? i : 0].bytes;
        ret->parts[i].len = KITH_DIGEST_BYTES;
    }
    kith__proof__init(&ret->proof);
    ret->proof.index = (uint32_t)index;
    ret->proof.count = (uint32_t)count;
    ret->proof.path = ret->parts;
    ret->proof.n_path = length;
}

static bool same(const kith_digest_t *a, const kith_digest_t *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void every_leaf_of_every_count_reaches_the_root(void **state)
{
    (void)state;
    kith_digest_t leaves[KITH_BATCH_MAX];
    for (size_t i = 0; i < KITH_BATCH_MAX; i++) {
        leaves[i] = leaf(i);
    }
    for (size_t count = 1; count <= KITH_BATCH_MAX; count++) {
        kith_digest_t root = root_of(leaves, count);
        kith_digest_t wanted = rfc_root(leaves, count);
        assert_true(same(&root, &wanted));
        for (size_t index = 0; index < count; index++) {
            proven_t proven;
            prove(leaves, count, index, &proven);
            kith_digest_t reached;
            assert_int_equal(kith_merkle_root(toy_hash, &leaves[index], &proven.proof, &reached),
                             KITH_OK);
            assert_true(same(&reached, &root));
            kith_digest_t stranger = leaf(200);
            assert_int_equal(kith_merkle_root(toy_hash, &stranger, &proven.proof, &reached),
                             KITH_OK);
            assert_false(same(&reached, &root));
        }
    }
}

static void a_proof_of_another_place_leads_elsewhere(void **state)
{
    (void)state;
    kith_digest_t leaves[KITH_BATCH_MAX];
    for (size_t i = 0; i < KITH_BATCH_MAX; i++) {
        leaves[i] = leaf(i);
    }
    kith_digest_t root = root_of(leaves, 11);
    for (size_t index = 0; index < 11; index++) {
        for (uint32_t claimed = 0; claimed < 11; claimed++) {
            proven_t proven;
            prove(leaves, 11, index, &proven);
            proven.proof.index = claimed;
            kith_digest_t reached;
            kith_err err = kith_merkle_root(toy_hash, &leaves[index], &proven.proof, &reached);
            bool accepted = err == KITH_OK && same(&reached, &root);
            assert_int_equal(accepted, claimed == index);
        }
    }
}

static void what_does_not_fit_together_is_refused(void **state)
{
    (void)state;
    kith_digest_t leaves[7], root = leaf(99), before = root;
    for (size_t i = 0; i < 7; i++) {
        leaves[i] = leaf(i);
    }
    static const struct {
        uint32_t index, count;
        size_t path;
    } BAD[] = {
        {0, 0, 0}, {0, 65, 6},  {7, 7, 3},          {UINT32_MAX, 7, 3}, {0, UINT32_MAX, 3},
        {2, 7, 2}, {2, 7, 4},   {6, 7, 3},          {6, 7, 1},          {0, 1, 1},
        {1, 1, 0}, {64, 64, 6}, {UINT32_MAX, 1, 0},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        proven_t proven;
        prove(leaves, 7, 2, &proven);
        proven.proof.index = BAD[i].index;
        proven.proof.count = BAD[i].count;
        proven.proof.n_path = BAD[i].path;
        assert_int_equal(kith_merkle_root(toy_hash, &leaves[2], &proven.proof, &root),
                         KITH_INVALID);
        assert_true(same(&root, &before));
    }
    static const size_t SIZES[] = {0, 31, 32, 33};
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        proven_t proven;
        prove(leaves, 7, 2, &proven);
        proven.parts[1].len = SIZES[i];
        assert_int_equal(kith_merkle_root(toy_hash, &leaves[2], &proven.proof, &root),
                         SIZES[i] == KITH_DIGEST_BYTES ? KITH_OK : KITH_INVALID);
    }
}

static void a_single_leaf_is_its_own_root(void **state)
{
    (void)state;
    kith_digest_t only = leaf(3), path[KITH_PATH_MAX];
    kith_digest_t root = root_of(&only, 1);
    assert_true(same(&root, &only));
    kith_merkle_t tree;
    kith_merkle_build(toy_hash, &only, 1, &tree);
    assert_int_equal(kith_merkle_path(&tree, 0, path), 0);
}

static void tags_keep_leaf_and_node_apart(void **state)
{
    (void)state;
    kith_digest_t two[2] = {leaf(1), leaf(2)};
    kith_digest_t node = root_of(two, 2);
    kith_digest_t as_leaf = kith_header_digest(
        toy_hash, (kith_bytes_t){.data = (const uint8_t *)two, .size = sizeof two});
    assert_false(same(&node, &as_leaf));
}

static void the_chain_holds_digest_outcome_and_what_came_before(void **state)
{
    (void)state;
    kith_digest_t digest = leaf(1), other = leaf(2);
    kith_bytes_t one = kith_digest_bytes(&digest), two = kith_digest_bytes(&other);
    kith_bytes_t none = {0};
    kith_digest_t base = kith_chain_next(toy_hash, none, one, KITH__OUTCOME__OUTCOME_DELIVERED);
    kith_digest_t again = kith_chain_next(toy_hash, none, one, KITH__OUTCOME__OUTCOME_DELIVERED);
    assert_true(same(&base, &again));
    kith_digest_t different[] = {
        kith_chain_next(toy_hash, none, two, KITH__OUTCOME__OUTCOME_DELIVERED),
        kith_chain_next(toy_hash, none, one, KITH__OUTCOME__OUTCOME_VOIDED),
        kith_chain_next(toy_hash, two, one, KITH__OUTCOME__OUTCOME_DELIVERED),
    };
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++) {
        assert_false(same(&different[i], &base));
    }
    uint8_t outcome = KITH__OUTCOME__OUTCOME_VOIDED;
    kith_digest_t wanted;
    toy_hash(KITH_TAG_CHAIN, (kith_bytes_t[]){two, one, {.data = &outcome, .size = 1}}, 3, &wanted);
    kith_digest_t got = kith_chain_next(toy_hash, two, one, KITH__OUTCOME__OUTCOME_VOIDED);
    assert_true(same(&got, &wanted));
}

static void build_none(void *leaves)
{
    (void)root_of(leaves, 0);
}

static void build_too_many(void *leaves)
{
    (void)root_of(leaves, KITH_BATCH_MAX + 1);
}

static void path_outside(void *leaves)
{
    kith_digest_t path[KITH_PATH_MAX];
    kith_merkle_t tree;
    kith_merkle_build(toy_hash, leaves, 3, &tree);
    kith_merkle_path(&tree, 3, path);
}

static void a_tree_of_none_or_too_many_is_a_bug(void **state)
{
    (void)state;
    kith_digest_t leaves[KITH_BATCH_MAX + 1] = {0};
    assert_true(dies(build_none, leaves));
    assert_true(dies(build_too_many, leaves));
    assert_true(dies(path_outside, leaves));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_of_every_count_reaches_the_root),
        cmocka_unit_test(a_proof_of_another_place_leads_elsewhere),
        cmocka_unit_test(what_does_not_fit_together_is_refused),
        cmocka_unit_test(a_single_leaf_is_its_own_root),
        cmocka_unit_test(tags_keep_leaf_and_node_apart),
        cmocka_unit_test(the_chain_holds_digest_outcome_and_what_came_before),
        cmocka_unit_test(a_tree_of_none_or_too_many_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
