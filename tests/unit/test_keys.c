/* Key files are made once and read only when safe; sums, signatures and seals fit what made them.
 */
#include "io/keys.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "test_keys_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static const char *in_folder(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int drop_folder(void **state)
{
    (void)state;
    const char *names[] = {"transport.key", "signing.key", "sealing.key", "public.txt",
                           "elsewhere"};
    for (size_t i = 0; i < 5; i++)
        (void)unlink(in_folder(names[i]));
    return rmdir(folder);
}

static kith_bytes_t text(const char *value)
{
    return (kith_bytes_t){(const uint8_t *)value, strlen(value)};
}

static void write_text(const char *name, const char *value, mode_t mode)
{
    (void)unlink(in_folder(name));
    int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, value, strlen(value)), strlen(value));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static kith_err load_err(const char **ret_path)
{
    kith_keys_t *keys = NULL;
    kith_err err = keys_load(folder, true, &keys, ret_path);
    if (err)
        assert_null(keys);
    keys_destroy(&keys);
    return err;
}

static void made_keys_are_private_and_load(void **state)
{
    (void)state;
    assert_int_equal(keys_make(folder, true), KITH_OK);
    struct stat st;
    const char *names[] = {"transport.key", "signing.key", "sealing.key"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stat(in_folder(names[i]), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(st.st_size, 65);
    }
    assert_int_equal(stat(in_folder("public.txt"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);

    kith_keys_t *keys = NULL;
    const char *path = "untouched";
    assert_int_equal(keys_load(folder, true, &keys, &path), KITH_OK);
    assert_string_equal(path, "untouched");
    assert_memory_not_equal(keys_public(keys, KEYS_SIGNING), keys_public(keys, KEYS_SEALING), 32);
    keys_destroy(&keys);
    assert_null(keys);
    keys_destroy(&keys);
}

static void public_file_names_the_public_halves(void **state)
{
    (void)state;
    assert_int_equal(keys_make(folder, true), KITH_OK);
    kith_keys_t *keys = NULL;
    const char *path = NULL;
    assert_int_equal(keys_load(folder, true, &keys, &path), KITH_OK);
    FILE *file = fopen(in_folder("public.txt"), "r");
    assert_non_null(file);
    const char *kinds[] = {"transport", "signing", "sealing"};
    for (unsigned kind = 0; kind < KEYS_KINDS; kind++) {
        char line[128], expected[128];
        int size = snprintf(expected, sizeof expected, "%s ", kinds[kind]);
        for (size_t i = 0; i < 32; i++)
            size += snprintf(expected + size, sizeof expected - (size_t)size, "%02x",
                             keys_public(keys, (keys_kind)kind)[i]);
        (void)snprintf(expected + size, sizeof expected - (size_t)size, "\n");
        assert_non_null(fgets(line, sizeof line, file));
        assert_string_equal(line, expected);
    }
    assert_int_equal(fgetc(file), EOF);
    (void)fclose(file);
    keys_destroy(&keys);
}

static void broker_has_no_sealing_key(void **state)
{
    (void)state;
    assert_int_equal(keys_make(folder, false), KITH_OK);
    assert_int_equal(access(in_folder("sealing.key"), F_OK), -1);
    kith_keys_t *keys = NULL;
    const char *path = NULL;
    assert_int_equal(keys_load(folder, false, &keys, &path), KITH_OK);
    keys_destroy(&keys);
    assert_int_equal(load_err(&path), KITH_NOT_FOUND);
    assert_string_equal(path, "sealing.key");
}

static void nothing_is_written_over(void **state)
{
    (void)state;
    write_text("sealing.key", "precious\n", 0600);
    assert_int_equal(keys_make(folder, true), KITH_EXISTS);
    assert_int_equal(keys_make(folder, false), KITH_EXISTS);
    assert_int_equal(access(in_folder("transport.key"), F_OK), -1);
    assert_int_equal(unlink(in_folder("sealing.key")), 0);
    write_text("public.txt", "precious\n", 0644);
    assert_int_equal(keys_make(folder, true), KITH_EXISTS);
    assert_int_equal(access(in_folder("signing.key"), F_OK), -1);
}

static void folder_without_parent_is_not_made(void **state)
{
    (void)state;
    assert_int_equal(keys_make(in_folder("no/such"), true), KITH_NOT_FOUND);
    write_text("elsewhere", "a file\n", 0600);
    assert_int_equal(keys_make(in_folder("elsewhere"), true), KITH_NOT_FOUND);
}

static void failed_write_leaves_nothing(void **state)
{
    (void)state;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    assert_int_equal(sigaction(SIGXFSZ, &ignore, NULL), 0);
    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = before;
    none.rlim_cur = 70; /* a key fits, public.txt does not */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    kith_err err = keys_make(folder, true);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err, KITH_IO);
    assert_int_equal(keys_make(folder, true), KITH_OK);
}

static void unsafe_mode_is_denied(void **state)
{
    (void)state;
    const char *path = NULL;
    const mode_t unsafe[] = {0640, 0604, 0610, 0700, 04600};
    assert_int_equal(keys_make(folder, true), KITH_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(chmod(in_folder("signing.key"), unsafe[i]), 0);
        assert_int_equal(load_err(&path), KITH_DENIED);
        assert_string_equal(path, "signing.key");
    }
    assert_int_equal(chmod(in_folder("signing.key"), 0400), 0);
    assert_int_equal(load_err(&path), KITH_OK);
}

static void another_owner_is_denied(void **state)
{
    (void)state;
    if (geteuid() != 0)
        return; /* only root can give a file away */
    const char *path = NULL;
    assert_int_equal(keys_make(folder, true), KITH_OK);
    assert_int_equal(chown(in_folder("transport.key"), 65534, 65534), 0);
    assert_int_equal(load_err(&path), KITH_DENIED);
    assert_string_equal(path, "transport.key");
}

static void symbolic_link_is_denied(void **state)
{
    (void)state;
    const char *path = NULL;
    char from[128];
    assert_int_equal(keys_make(folder, true), KITH_OK);
    (void)snprintf(from, sizeof from, "%s", in_folder("transport.key"));
    assert_int_equal(rename(from, in_folder("elsewhere")), 0);
    assert_int_equal(symlink("elsewhere", from), 0);
    assert_int_equal(load_err(&path), KITH_DENIED);
    assert_string_equal(path, "transport.key");
}

static void what_is_no_key_file_is_invalid(void **state)
{
    (void)state;
    const char *path = NULL;
    static const char *const bad[] = {
        "",
        "\n",
        "00",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
        "0001 2030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
    };
    assert_int_equal(keys_make(folder, true), KITH_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text("signing.key", bad[i], 0600);
        assert_int_equal(load_err(&path), KITH_INVALID);
    }
    write_text("signing.key", "000102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
               0600);
    assert_int_equal(load_err(&path), KITH_OK);
    assert_int_equal(unlink(in_folder("signing.key")), 0);
    assert_int_equal(mkfifo(in_folder("signing.key"), 0600), 0);
    assert_int_equal(load_err(&path), KITH_INVALID);
}

static kith_keys_t *new_keys(void)
{
    kith_keys_t *keys = NULL;
    const char *path = NULL;
    assert_int_equal(keys_make(folder, true), KITH_OK);
    assert_int_equal(keys_load(folder, true, &keys, &path), KITH_OK);
    return keys;
}

static void signature_fits_only_its_tag_and_message(void **state)
{
    (void)state;
    kith_keys_t *keys = new_keys();
    const uint8_t *public_key = keys_public(keys, KEYS_SIGNING);
    uint8_t signature[64];
    kith_bytes_t signed_bytes = {signature, 64}, short_bytes = {signature, 63};
    keys_sign(keys, KITH_TAG_RECEIPT, text("taken"), signature);
    assert_true(keys_verify(public_key, KITH_TAG_RECEIPT, text("taken"), signed_bytes));
    assert_false(keys_verify(public_key, KITH_TAG_REFUSAL, text("taken"), signed_bytes));
    assert_false(keys_verify(public_key, KITH_TAG_RECEIPT, text("token"), signed_bytes));
    assert_false(keys_verify(public_key, KITH_TAG_RECEIPT, text("taken"), short_bytes));
    assert_false(keys_verify(keys_public(keys, KEYS_SEALING), KITH_TAG_RECEIPT, text("taken"),
                             signed_bytes));
    signature[63] ^= 1;
    assert_false(keys_verify(public_key, KITH_TAG_RECEIPT, text("taken"), signed_bytes));

    static uint8_t large[KEYS_SIGNED_BYTES_MAX + 1];
    keys_sign(keys, KITH_TAG_RECEIPT, (kith_bytes_t){large, KEYS_SIGNED_BYTES_MAX}, signature);
    assert_true(keys_verify(public_key, KITH_TAG_RECEIPT,
                            (kith_bytes_t){large, KEYS_SIGNED_BYTES_MAX}, signed_bytes));
    assert_false(keys_verify(public_key, KITH_TAG_RECEIPT, (kith_bytes_t){large, sizeof large},
                             signed_bytes));
    keys_destroy(&keys);
}

static void hash_is_blake2b_over_tag_and_parts(void **state)
{
    (void)state;
    static const uint8_t known[32] = {
        /* hashlib.blake2b(b"\x00abc", digest_size=32) */
        0x4b, 0x44, 0xb5, 0xa5, 0xf9, 0xe6, 0xfa, 0xfe, 0xad, 0x23, 0x1e,
        0x4d, 0x60, 0x9a, 0x8e, 0x88, 0x05, 0x3a, 0x60, 0x53, 0xc0, 0x87,
        0xb6, 0x8e, 0x24, 0xe3, 0x1f, 0xaf, 0x0f, 0xb8, 0xdf, 0xe7,
    };
    kith_bytes_t parts[] = {text("a"), text(""), text("bc")};
    kith_digest_t digest;
    keys_hash(KITH_TAG_LEAF, parts, 3, &digest);
    assert_memory_equal(digest.bytes, known, 32);
    keys_hash(KITH_TAG_NODE, parts, 3, &digest);
    assert_memory_not_equal(digest.bytes, known, 32);
}

static void checksum_tells_key_from_value(void **state)
{
    (void)state;
    assert_int_equal(keys_checksum(text("ab"), text("c")), keys_checksum(text("ab"), text("c")));
    assert_int_not_equal(keys_checksum(text("ab"), text("c")),
                         keys_checksum(text("a"), text("bc")));
    assert_int_not_equal(keys_checksum(text("ab"), text("c")),
                         keys_checksum(text("ab"), text("d")));
}

static void name_is_sixteen_hex_digits_of_the_hash(void **state)
{
    (void)state;
    uint8_t key[32] = {1, 2, 3};
    char name[KITH_KEY_NAME_SIZE], expected[KITH_KEY_NAME_SIZE];
    kith_bytes_t part = {key, 32};
    kith_digest_t digest;
    keys_name(key, name);
    keys_hash(KITH_TAG_KEY_NAME, &part, 1, &digest);
    for (size_t i = 0; i < 8; i++)
        (void)snprintf(expected + 2 * i, 3, "%02x", digest.bytes[i]);
    assert_string_equal(name, expected);
}

static void both_sides_derive_one_wrapping_key(void **state)
{
    (void)state;
    kith_keys_t *keys = new_keys();
    keys_half_t half, other;
    uint8_t sender_key[32], recipient_key[32], other_key[32];
    keys_half_make(&half);
    keys_half_make(&other);
    kith_bytes_t public_half = {half.public_half, 32};
    const uint8_t *recipient = keys_public(keys, KEYS_SEALING);
    assert_int_equal(keys_wrap_key_sender(&half, recipient, sender_key), KITH_OK);
    assert_int_equal(keys_wrap_key_recipient(keys, public_half, recipient_key), KITH_OK);
    assert_memory_equal(sender_key, recipient_key, 32);
    assert_int_equal(keys_wrap_key_sender(&other, recipient, other_key), KITH_OK);
    assert_memory_not_equal(sender_key, other_key, 32);
    keys_destroy(&keys);
}

static void weak_half_makes_no_key(void **state)
{
    (void)state;
    kith_keys_t *keys = new_keys();
    const uint8_t zero[32] = {0}, one[32] = {1};
    uint8_t key[32] = {7};
    keys_half_t half;
    keys_half_make(&half);
    assert_int_equal(keys_wrap_key_recipient(keys, (kith_bytes_t){zero, 32}, key), KITH_INVALID);
    assert_int_equal(keys_wrap_key_recipient(keys, (kith_bytes_t){one, 32}, key), KITH_INVALID);
    assert_int_equal(keys_wrap_key_recipient(keys, (kith_bytes_t){one, 31}, key), KITH_INVALID);
    assert_int_equal(keys_wrap_key_sender(&half, zero, key), KITH_INVALID);
    assert_int_equal(key[0], 7);
    keys_destroy(&keys);
}

static void sealed_text_opens_only_as_it_was_sealed(void **state)
{
    (void)state;
    uint8_t key[32] = {1}, nonce[24] = {2}, cipher[5 + 16], plain[5], in_place[5 + 16];
    kith_bytes_t sealed = {cipher, sizeof cipher}, nonce_bytes = {nonce, 24};
    keys_aead_seal(key, nonce, text("hello"), text("extra"), cipher);
    memcpy(in_place, "hello", 5);
    keys_aead_seal(key, nonce, (kith_bytes_t){in_place, 5}, text("extra"), in_place);
    assert_memory_equal(in_place, cipher, sizeof cipher);
    assert_int_equal(keys_aead_open(key, nonce_bytes, sealed, text("extra"), plain), KITH_OK);
    assert_memory_equal(plain, "hello", 5);
    assert_int_equal(keys_aead_open(key, nonce_bytes, sealed, text("other"), plain), KITH_INVALID);
    assert_int_equal(keys_aead_open(key, (kith_bytes_t){nonce, 23}, sealed, text("extra"), plain),
                     KITH_INVALID);
    assert_int_equal(
        keys_aead_open(key, nonce_bytes, (kith_bytes_t){cipher, 15}, text("extra"), plain),
        KITH_INVALID);
    cipher[0] ^= 1;
    assert_int_equal(keys_aead_open(key, nonce_bytes, sealed, text("extra"), plain), KITH_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define ON_DISK(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)
        ON_DISK(made_keys_are_private_and_load),
        ON_DISK(public_file_names_the_public_halves),
        ON_DISK(broker_has_no_sealing_key),
        ON_DISK(nothing_is_written_over),
        ON_DISK(folder_without_parent_is_not_made),
        ON_DISK(failed_write_leaves_nothing),
        ON_DISK(unsafe_mode_is_denied),
        ON_DISK(another_owner_is_denied),
        ON_DISK(symbolic_link_is_denied),
        ON_DISK(what_is_no_key_file_is_invalid),
        ON_DISK(signature_fits_only_its_tag_and_message),
        cmocka_unit_test(hash_is_blake2b_over_tag_and_parts),
        cmocka_unit_test(checksum_tells_key_from_value),
        cmocka_unit_test(name_is_sixteen_hex_digits_of_the_hash),
        ON_DISK(both_sides_derive_one_wrapping_key),
        ON_DISK(weak_half_makes_no_key),
        cmocka_unit_test(sealed_text_opens_only_as_it_was_sealed),
#undef ON_DISK
    };
    if (keys_begin())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
