/* Kith makes and reads what proto/PROTOCOL.md says: the values of tests/fixtures/vector, which were
 * made from that text alone, in another language. */
#include "base/frame.h"
#include "base/id.h"
#include "io/seal.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define ROWS_MAX 64

/* `name hex` in each line. */
typedef struct vector {
    kith_arena_t *arena;
    size_t count;
    const char *names[ROWS_MAX], *texts[ROWS_MAX];
} vector_t;

static int begin(void **state)
{
    vector_t *v = calloc(1, sizeof *v);
    assert_non_null(v);
    v->arena = kith_arena_new(16u << 20);
    FILE *file = fopen(KITH_FIXTURES "/vector/vector.txt", "r");
    assert_non_null(file);
    static char line[8192];
    while (fgets(line, sizeof line, file)) {
        char *blank = strchr(line, ' ');
        assert_non_null(blank);
        *blank = '\0';
        blank[strcspn(blank + 1, "\n") + 1] = '\0';
        assert_true(v->count < ROWS_MAX);
        v->names[v->count] = kith_arena_str(v->arena, line);
        v->texts[v->count++] = kith_arena_str(v->arena, blank + 1);
    }
    assert_int_equal(fclose(file), 0);
    *state = v;
    return 0;
}

static int end(void **state)
{
    vector_t *v = *state;
    kith_arena_destroy(&v->arena);
    free(v);
    return 0;
}

static const char *text_of(const vector_t *v, const char *name)
{
    for (size_t i = 0; i < v->count; i++)
        if (strcmp(v->names[i], name) == 0)
            return v->texts[i];
    fail_msg("the vector has no %s", name);
    return NULL;
}

static kith_bytes_t value_of(const vector_t *v, const char *name)
{
    const char *text = text_of(v, name);
    size_t size = strlen(text) / 2;
    uint8_t *data = kith_arena_need(v->arena, size);
    assert_int_equal(kith_unhex(text, data, size), KITH_OK);
    return (kith_bytes_t){data, size};
}

static void assert_value(const vector_t *v, const char *name, const void *data, size_t size)
{
    kith_bytes_t expected = value_of(v, name);
    assert_int_equal(size, expected.size);
    assert_memory_equal(data, expected.data, size);
}

static void write_key(const char *folder, const char *name, const char *hex)
{
    char path[64], text[65];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)snprintf(text, sizeof text, "%s", hex);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, 64), 64);
    assert_int_equal(close(fd), 0);
}

static kith_keys_t *keys_of(const vector_t *v, const char *signing_seed)
{
    const char *const names[] = {"transport.key", "signing.key", "sealing.key"};
    const char *const texts[] = {text_of(v, "half_secret"), text_of(v, signing_seed),
                                 text_of(v, "housing_sealing_secret")};
    char folder[] = "test_vector_XXXXXX", path[64];
    const char *wrong = NULL;
    kith_keys_t *keys = NULL;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < 3; i++)
        write_key(folder, names[i], texts[i]);
    assert_int_equal(keys_load(folder, true, &keys, &wrong), KITH_OK);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
    return keys;
}

static void ring_of(const vector_t *v, const char *public_name, kith_keyring_t *ret_ring)
{
    ret_ring->count = 1;
    memcpy(ret_ring->keys[0].key, value_of(v, public_name).data, 32);
    keys_name(ret_ring->keys[0].key, ret_ring->keys[0].name);
}

static void keys_have_their_names(void **state)
{
    const vector_t *v = *state;
    const char *const who[] = {"police_signing", "housing_signing", "housing_sealing"};
    for (size_t i = 0; i < 3; i++) {
        char row[64], name[KITH_KEY_NAME_SIZE];
        (void)snprintf(row, sizeof row, "%s_public", who[i]);
        keys_name(value_of(v, row).data, name);
        (void)snprintf(row, sizeof row, "%s_name", who[i]);
        assert_string_equal(name, text_of(v, row));
    }
    kith_keys_t *keys = keys_of(v, "police_signing_seed");
    assert_value(v, "police_signing_public", keys_public(keys, KEYS_SIGNING), 32);
    assert_value(v, "housing_sealing_public", keys_public(keys, KEYS_SEALING), 32);
    assert_value(v, "half_public", keys_public(keys, KEYS_TRANSPORT), 32);
    keys_destroy(&keys);
}

static void wrap_is_made_as_written(void **state)
{
    const vector_t *v = *state;
    keys_half_t half;
    uint8_t key[32], wrap[48];
    memcpy(half.public_half, value_of(v, "half_public").data, 32);
    memcpy(half.secret_half, value_of(v, "half_secret").data, 32);
    assert_int_equal(keys_wrap_key_sender(&half, value_of(v, "housing_sealing_public").data, key),
                     KITH_OK);
    assert_value(v, "wrap_key", key, sizeof key);
    keys_aead_seal(key, value_of(v, "nonce").data, value_of(v, "content_key"),
                   value_of(v, "wrap_extra"), wrap);
    assert_value(v, "wrap", wrap, sizeof wrap);
    kith_digest_t commitment = kith_hash1(keys_hash, KITH_TAG_KEY, value_of(v, "content_key"));
    assert_value(v, "key_commitment", commitment.bytes, sizeof commitment.bytes);
}

static void tree_is_made_as_written(void **state)
{
    const vector_t *v = *state;
    kith_digest_t leaves[3];
    leaves[1] = kith_header_digest(keys_hash, value_of(v, "header"));
    assert_value(v, "leaf", leaves[1].bytes, 32);
    memcpy(leaves[0].bytes, value_of(v, "leaf_0").data, 32);
    memcpy(leaves[2].bytes, value_of(v, "leaf_2").data, 32);
    kith_merkle_t tree;
    kith_merkle_build(keys_hash, leaves, 3, &tree);
    const kith_digest_t *root = kith_merkle_top(&tree);
    assert_value(v, "root", root->bytes, 32);
    kith_keys_t *keys = keys_of(v, "police_signing_seed");
    uint8_t signature[64];
    keys_sign(keys, KITH_TAG_ROOT, kith_digest_bytes(root), signature);
    assert_value(v, "root_signature", signature, sizeof signature);
    keys_destroy(&keys);
}

static void envelope_verifies_and_opens(void **state)
{
    const vector_t *v = *state;
    kith_agency_t agencies[2] = {{.id = "police"}, {.id = "housing"}};
    ring_of(v, "police_signing_public", &agencies[0].signing);
    const char *classes[] = {"event"}, *from[] = {"police"}, *to[] = {"*"};
    kith_topic_t topic = {
        .name = "police.call-out", .topic_class = "event", .type = KITH__NOTICE__BODY_EVENT};
    kith_clause_t clause = {.id = "4.1",
                            .classes_count = 1,
                            .from_count = 1,
                            .to_count = 1,
                            .classes = classes,
                            .from = from,
                            .to = to};
    kith_agreement_t a = {.partnership = "exampletown",
                          .version = 3,
                          .agencies_count = 2,
                          .agencies = agencies,
                          .topics_count = 1,
                          .topics = &topic,
                          .clauses_count = 1,
                          .clauses = &clause};
    kith_bytes_t bytes = value_of(v, "envelope"), notice_bytes;
    Kith__Envelope *envelope =
        kith__envelope__unpack(kith_arena_allocator(v->arena), bytes.size, bytes.data);
    assert_non_null(envelope);
    kith_keys_t *keys = keys_of(v, "housing_signing_seed");
    seal_cache_t *cache = seal_cache_new();
    Kith__Header *header = NULL;
    Kith__Notice *notice = NULL;
    kith_digest_t digest;
    bool again = true;
    assert_int_equal(seal_verify(cache, &a, v->arena, envelope, &header, &digest), 0);
    assert_int_equal(seal_open(cache, keys, &a, v->arena, "housing", envelope, header, &notice,
                               &notice_bytes, &again),
                     0);
    assert_value(v, "notice", notice_bytes.data, notice_bytes.size);
    assert_string_equal(notice->event->narrative, "Neighbours reported shouting.");
    assert_false(again);
    assert_int_equal(header->slots[0]->n, 5);
    seal_cache_destroy(&cache);
    keys_destroy(&keys);
}

static void receipt_is_chained_and_signed_as_written(void **state)
{
    const vector_t *v = *state;
    kith_digest_t first = kith_chain_next(keys_hash, (kith_bytes_t){0}, value_of(v, "leaf_0"),
                                          KITH__OUTCOME__OUTCOME_DELIVERED);
    assert_value(v, "chain_1", first.bytes, 32);
    kith_digest_t second = kith_chain_next(keys_hash, kith_digest_bytes(&first),
                                           value_of(v, "leaf"), KITH__OUTCOME__OUTCOME_QUARANTINED);
    assert_value(v, "chain_2", second.bytes, 32);
    kith_bytes_t statement = value_of(v, "receipt"), signature = value_of(v, "receipt_signature");
    kith_keyring_t ring;
    ring_of(v, "housing_signing_public", &ring);
    ring.keys[0].state = KITH_KEY_CURRENT;
    Kith__Signed said = KITH__SIGNED__INIT;
    said.statement = (ProtobufCBinaryData){statement.size, (uint8_t *)statement.data};
    said.signature = (ProtobufCBinaryData){signature.size, (uint8_t *)signature.data};
    assert_int_equal(
        seal_verify_statement(&ring, text_of(v, "housing_signing_name"), KITH_TAG_RECEIPT, &said),
        0);
}

static void frame_is_read_as_written(void **state)
{
    const vector_t *v = *state;
    kith_frame_reader_t reader;
    kith_bytes_t packet;
    Kith__Packet *packets[2];
    assert_int_equal(kith_frame_open(value_of(v, "frame"), &reader), KITH_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_true(kith_frame_next(&reader, &packet));
        packets[i] = kith__packet__unpack(kith_arena_allocator(v->arena), packet.size, packet.data);
        assert_non_null(packets[i]);
    }
    assert_false(kith_frame_next(&reader, &packet));
    assert_int_equal(packets[0]->verb_case, KITH__PACKET__VERB_TAKEN);
    assert_int_equal(packets[0]->taken->n_tokens, 2);
    assert_int_equal(packets[0]->taken->tokens[1], 300);
    assert_int_equal(packets[1]->verb_case, KITH__PACKET__VERB_CREDIT);
    assert_int_equal(packets[1]->credit->credit[0]->bytes, 1051000);
}

int main(void)
{
#define OF_VECTOR(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        OF_VECTOR(keys_have_their_names),
        OF_VECTOR(wrap_is_made_as_written),
        OF_VECTOR(tree_is_made_as_written),
        OF_VECTOR(envelope_verifies_and_opens),
        OF_VECTOR(receipt_is_chained_and_signed_as_written),
        OF_VECTOR(frame_is_read_as_written),
    };
#undef OF_VECTOR
    if (keys_begin())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
