/* Keys by libsodium: see io/keys.h. Every secret of a process stands in one sodium_malloc block
 * (guard pages, locked, kept out of core files). */
#include "io/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES      32u
#define KEY_TEXT_BYTES (2u * KEY_BYTES + 1u) /* hex and a newline */
#define PATH_BYTES     4096u

_Static_assert(crypto_sign_SEEDBYTES == KEY_BYTES, "an Ed25519 seed is a key file's 32 bytes");
_Static_assert(crypto_scalarmult_BYTES == KEY_BYTES, "X25519");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == KEYS_NONCE_BYTES, "nonce");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == KEYS_AEAD_EXTRA_BYTES, "tag");

/* Bytes only, so that it may stand at any address that sodium_malloc gives. */
struct kith_keys {
    uint8_t secrets[KEYS_KINDS][KEY_BYTES]; /* CURVE secret, Ed25519 seed, X25519 secret */
    uint8_t publics[KEYS_KINDS][KEY_BYTES];
    uint8_t signing_pair[crypto_sign_SECRETKEYBYTES];
    uint8_t kinds; /* how many of keys_kind it has */
};

static const char *const kind_names[KEYS_KINDS] = {
    [KEYS_TRANSPORT] = "transport", [KEYS_SIGNING] = "signing", [KEYS_SEALING] = "sealing"};
static const char *const file_names[KEYS_KINDS] = {[KEYS_TRANSPORT] = "transport.key",
                                                   [KEYS_SIGNING] = "signing.key",
                                                   [KEYS_SEALING] = "sealing.key"};
#define PUBLIC_FILE "public.txt"

kith_err keys_begin(void)
{
    return sodium_init() < 0 ? KITH_IO : KITH_OK;
}

void *keys_alloc(size_t size)
{
    /* A multiple of 16, since sodium_malloc puts the block's end at a page's end. */
    size_t rounded = (size + 15u) & ~(size_t)15u;
    void *data = sodium_malloc(rounded);
    KITH_ASSERT(data);
    sodium_memzero(data, rounded);
    return data;
}

void keys_free(void *data)
{
    sodium_free(data); /* wipes it; does nothing with NULL */
}

static unsigned kinds_of(bool with_sealing)
{
    return with_sealing ? KEYS_KINDS : KEYS_SEALING;
}

static void derive_publics(kith_keys_t *keys)
{
    crypto_scalarmult_base(keys->publics[KEYS_TRANSPORT], keys->secrets[KEYS_TRANSPORT]);
    crypto_sign_seed_keypair(keys->publics[KEYS_SIGNING], keys->signing_pair,
                             keys->secrets[KEYS_SIGNING]);
    if (keys->kinds > KEYS_SEALING)
        crypto_scalarmult_base(keys->publics[KEYS_SEALING], keys->secrets[KEYS_SEALING]);
}

/* ---- files ---- */

static kith_err open_err(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return KITH_NOT_FOUND;
    case EEXIST:
        return KITH_EXISTS;
    case EACCES:
    case EPERM:
    case ELOOP: /* a symbolic link: somebody else may say where it leads */
        return KITH_DENIED;
    default:
        return KITH_IO;
    }
}

/* Never over what is there. The file is on disk when this returns; gone when it fails. */
static kith_err write_file(int folder_fd, const char *name, mode_t mode, const char *text,
                           size_t size)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return open_err();
    ssize_t written = write(fd, text, size);
    bool ok = written == (ssize_t)size && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    if (close(fd) != 0)
        ok = false;
    if (ok)
        return KITH_OK;
    (void)unlinkat(folder_fd, name, 0);
    return KITH_IO;
}

static kith_err write_secret(int folder_fd, const kith_keys_t *keys, unsigned kind)
{
    char text[KEY_TEXT_BYTES + 1];
    sodium_bin2hex(text, sizeof text, keys->secrets[kind], KEY_BYTES);
    text[KEY_TEXT_BYTES - 1] = '\n';
    kith_err err = write_file(folder_fd, file_names[kind], 0600, text, KEY_TEXT_BYTES);
    sodium_memzero(text, sizeof text);
    return err;
}

static kith_err write_publics(int folder_fd, const kith_keys_t *keys)
{
    char text[KEYS_KINDS * (16 + KEY_TEXT_BYTES)];
    size_t size = 0;
    for (unsigned kind = 0; kind < keys->kinds; kind++) {
        char hex[KEY_TEXT_BYTES];
        sodium_bin2hex(hex, sizeof hex, keys->publics[kind], KEY_BYTES);
        size += (size_t)snprintf(text + size, sizeof text - size, "%s %s\n", kind_names[kind], hex);
    }
    return write_file(folder_fd, PUBLIC_FILE, 0644, text, size);
}

static bool any_there(int folder_fd)
{
    struct stat st;
    for (unsigned kind = 0; kind < KEYS_KINDS; kind++)
        if (fstatat(folder_fd, file_names[kind], &st, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    return fstatat(folder_fd, PUBLIC_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static kith_err write_all(int folder_fd, const kith_keys_t *keys)
{
    if (any_there(folder_fd))
        return KITH_EXISTS;
    kith_err err = KITH_OK;
    unsigned made = 0;
    while (!err && made < keys->kinds) {
        err = write_secret(folder_fd, keys, made);
        if (!err)
            made++;
    }
    if (!err)
        err = write_publics(folder_fd, keys);
    if (!err && fsync(folder_fd) != 0)
        err = KITH_IO;
    /* Half a set is of no use to anyone and would stand in the way of the next attempt. */
    while (err && made > 0)
        (void)unlinkat(folder_fd, file_names[--made], 0);
    return err;
}

static kith_keys_t *random_keys(bool with_sealing)
{
    kith_keys_t *keys = keys_alloc(sizeof *keys);
    keys->kinds = (uint8_t)kinds_of(with_sealing);
    randombytes_buf(keys->secrets, sizeof keys->secrets);
    derive_publics(keys);
    return keys;
}

kith_keys_t *keys_of_nobody(void)
{
    return random_keys(false);
}

kith_err keys_make(const char *folder, bool with_sealing)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return open_err();
    int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return open_err();
    kith_keys_t *keys = random_keys(with_sealing);
    kith_err err = write_all(folder_fd, keys);
    keys_destroy(&keys);
    (void)close(folder_fd);
    return err;
}

/* Ours or root's, a plain file, and nobody else may so much as read it. */
static kith_err check_safe(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return KITH_IO;
    if (!S_ISREG(st.st_mode))
        return KITH_INVALID;
    if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 07777 & ~0600u) != 0)
        return KITH_DENIED;
    return KITH_OK;
}

/* 64 hex digits, one newline or none, nothing else. */
static kith_err read_secret(int fd, uint8_t ret_secret[KEY_BYTES])
{
    char text[KEY_TEXT_BYTES + 1]; /* one more, to see that the file is longer */
    ssize_t size = read(fd, text, sizeof text);
    kith_err err = size < 0 ? KITH_IO : KITH_INVALID;
    if (size == (ssize_t)KEY_TEXT_BYTES && text[KEY_TEXT_BYTES - 1] == '\n')
        size--;
    size_t parsed = 0;
    uint8_t secret[KEY_BYTES];
    if (size == (ssize_t)(2 * KEY_BYTES) &&
        sodium_hex2bin(secret, sizeof secret, text, (size_t)size, NULL, &parsed, NULL) == 0 &&
        parsed == KEY_BYTES) {
        memcpy(ret_secret, secret, KEY_BYTES);
        err = KITH_OK;
    }
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret, sizeof secret);
    return err;
}

static kith_err load_secret(const char *folder, const char *name, uint8_t ret_secret[KEY_BYTES])
{
    char path[PATH_BYTES];
    int size = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (size < 0 || (size_t)size >= sizeof path)
        return KITH_INVALID;
    /* NONBLOCK: a pipe put there must not hang the start. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return open_err();
    kith_err err = check_safe(fd);
    if (!err)
        err = read_secret(fd, ret_secret);
    (void)close(fd);
    return err;
}

kith_err keys_load(const char *folder, bool with_sealing, kith_keys_t **ret_keys,
                   const char **ret_path)
{
    kith_keys_t *keys = keys_alloc(sizeof *keys);
    keys->kinds = (uint8_t)kinds_of(with_sealing);
    for (unsigned kind = 0; kind < keys->kinds; kind++) {
        kith_err err = load_secret(folder, file_names[kind], keys->secrets[kind]);
        if (err) {
            *ret_path = file_names[kind];
            keys_destroy(&keys);
            return err;
        }
    }
    derive_publics(keys);
    *ret_keys = keys;
    return KITH_OK;
}

void keys_destroy(kith_keys_t **self_p)
{
    keys_free(*self_p);
    *self_p = NULL;
}

/* ---- names, random bytes, sums ---- */

const uint8_t *keys_public(const kith_keys_t *self, keys_kind kind)
{
    KITH_ASSERT(kind < self->kinds);
    return self->publics[kind];
}

const uint8_t *keys_transport_secret(const kith_keys_t *self)
{
    return self->secrets[KEYS_TRANSPORT];
}

void keys_name(const uint8_t public_key[32], char ret_name[KITH_KEY_NAME_SIZE])
{
    kith_bytes_t part = {public_key, KEY_BYTES};
    kith_digest_t digest;
    keys_hash(KITH_TAG_KEY_NAME, &part, 1, &digest);
    sodium_bin2hex(ret_name, KITH_KEY_NAME_SIZE, digest.bytes, (KITH_KEY_NAME_SIZE - 1) / 2);
}

void keys_random(uint8_t *ret_bytes, size_t size)
{
    randombytes_buf(ret_bytes, size);
}

void keys_hash(kith_tag tag, const kith_bytes_t *parts, size_t parts_count,
               kith_digest_t *ret_digest)
{
    crypto_generichash_state state;
    uint8_t tag_byte = (uint8_t)tag;
    crypto_generichash_init(&state, NULL, 0, sizeof ret_digest->bytes);
    crypto_generichash_update(&state, &tag_byte, 1);
    for (size_t i = 0; i < parts_count; i++)
        crypto_generichash_update(&state, parts[i].data, parts[i].size);
    crypto_generichash_final(&state, ret_digest->bytes, sizeof ret_digest->bytes);
    sodium_memzero(&state, sizeof state); /* wrapping keys are made by this too */
}

static uint64_t read_u64(const uint8_t *data)
{
    uint64_t value = 0;
    for (unsigned i = 8; i-- > 0;)
        value = value << 8 | data[i];
    return value;
}

uint64_t keys_checksum(kith_bytes_t a, kith_bytes_t b)
{
    /* a's size goes first: bytes that move from one to the other change the sum. */
    uint8_t size[8], sum[crypto_generichash_BYTES_MIN];
    for (unsigned i = 0; i < 8; i++)
        size[i] = (uint8_t)(a.size >> (8 * i));
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof sum);
    crypto_generichash_update(&state, size, sizeof size);
    crypto_generichash_update(&state, a.data, a.size);
    crypto_generichash_update(&state, b.data, b.size);
    crypto_generichash_final(&state, sum, sizeof sum);
    return read_u64(sum);
}

/* ---- signatures ---- */

/* What Ed25519 signs, in one run of bytes. */
static size_t tagged(kith_tag tag, kith_bytes_t message, uint8_t buffer[KEYS_SIGNED_BYTES_MAX + 1])
{
    buffer[0] = (uint8_t)tag;
    if (message.size > 0)
        memcpy(buffer + 1, message.data, message.size);
    return message.size + 1;
}

void keys_sign(const kith_keys_t *self, kith_tag tag, kith_bytes_t message,
               uint8_t ret_signature[64])
{
    KITH_ASSERT(message.size <= KEYS_SIGNED_BYTES_MAX);
    uint8_t buffer[KEYS_SIGNED_BYTES_MAX + 1];
    size_t size = tagged(tag, message, buffer);
    crypto_sign_detached(ret_signature, NULL, buffer, size, self->signing_pair);
}

bool keys_verify(const uint8_t public_key[32], kith_tag tag, kith_bytes_t message,
                 kith_bytes_t signature)
{
    if (signature.size != KEYS_SIGNATURE_BYTES || message.size > KEYS_SIGNED_BYTES_MAX)
        return false;
    uint8_t buffer[KEYS_SIGNED_BYTES_MAX + 1];
    size_t size = tagged(tag, message, buffer);
    return crypto_sign_verify_detached(signature.data, buffer, size, public_key) == 0;
}

/* ---- wrapping and sealing ---- */

void keys_half_make(keys_half_t *ret_half)
{
    randombytes_buf(ret_half->secret_half, KEY_BYTES);
    crypto_scalarmult_base(ret_half->public_half, ret_half->secret_half);
}

static kith_err wrap_key(const uint8_t secret[32], const uint8_t peer[32],
                         const uint8_t sender_half[32], const uint8_t recipient_public[32],
                         uint8_t ret_key[32])
{
    uint8_t shared[KEY_BYTES];
    if (crypto_scalarmult(shared, secret, peer) != 0)
        return KITH_INVALID; /* of small order: the shared value would be known to all */
    kith_bytes_t parts[] = {
        {shared, KEY_BYTES}, {sender_half, KEY_BYTES}, {recipient_public, KEY_BYTES}};
    kith_digest_t digest;
    keys_hash(KITH_TAG_WRAP, parts, 3, &digest);
    memcpy(ret_key, digest.bytes, KEY_BYTES);
    sodium_memzero(&digest, sizeof digest);
    sodium_memzero(shared, sizeof shared);
    return KITH_OK;
}

kith_err keys_wrap_key_sender(const keys_half_t *half, const uint8_t recipient_public[32],
                              uint8_t ret_key[32])
{
    return wrap_key(half->secret_half, recipient_public, half->public_half, recipient_public,
                    ret_key);
}

kith_err keys_wrap_key_recipient(const kith_keys_t *self, kith_bytes_t sender_half,
                                 uint8_t ret_key[32])
{
    KITH_ASSERT(self->kinds > KEYS_SEALING);
    if (sender_half.size != KEY_BYTES)
        return KITH_INVALID;
    return wrap_key(self->secrets[KEYS_SEALING], sender_half.data, sender_half.data,
                    self->publics[KEYS_SEALING], ret_key);
}

void keys_aead_seal(const uint8_t key[32], const uint8_t nonce[24], kith_bytes_t plain,
                    kith_bytes_t extra, uint8_t *ret_cipher)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret_cipher, NULL, plain.data, plain.size, extra.data,
                                               extra.size, NULL, nonce, key);
}

kith_err keys_aead_open(const uint8_t key[32], kith_bytes_t nonce, kith_bytes_t cipher,
                        kith_bytes_t extra, uint8_t *ret_plain)
{
    if (nonce.size != KEYS_NONCE_BYTES || cipher.size < KEYS_AEAD_EXTRA_BYTES)
        return KITH_INVALID;
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
        ret_plain, NULL, NULL, cipher.data, cipher.size, extra.data, extra.size, nonce.data, key);
    return rc == 0 ? KITH_OK : KITH_INVALID;
}

void keys_wipe(void *data, size_t size)
{
    sodium_memzero(data, size);
}
