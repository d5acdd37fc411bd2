/* Keys and the sums made with them. The only file that includes sodium.h.
 *
 * Secret keys live in files with mode 0600, in sodium_malloc memory, and nowhere else: never in a
 * log, argv, core file or error text. */
#pragma once

#include "base/agreement.h"
#include "base/envelope.h"

#define KEYS_NONCE_BYTES      24u
#define KEYS_AEAD_EXTRA_BYTES 16u /* a sealed text is this much longer */
#define KEYS_SIGNATURE_BYTES  64u
/* The longest message that is signed: a root is 32 bytes, a receipt with all its exceptions about
 * 5 KiB. One longer than this fits no signature. */
#define KEYS_SIGNED_BYTES_MAX (24u * 1024u)

/* Three keys an agency; a broker has transport and signing. */
typedef enum keys_kind { KEYS_TRANSPORT, KEYS_SIGNING, KEYS_SEALING, KEYS_KINDS } keys_kind;

typedef struct kith_keys kith_keys_t; /* one process's secret keys */

/* Once, before anything else here. KITH_IO when the system has no random bytes. */
kith_err keys_begin(void);

/* Memory for secrets: zeroed, guarded, locked, kept out of core files; wiped when freed (NULL is
 * fine). No memory at all is a bug of the machine: asserts. */
void *keys_alloc(size_t size);
void keys_free(void *data);

/* Makes `folder`/transport.key, signing.key and, for an agency, sealing.key (mode 0600, folder
 * 0700, whose parent must be there), and public.txt (0644) with the public halves in hex.
 * KITH_EXISTS when any of the four is there: nothing is written over. KITH_NOT_FOUND: no parent
 * folder; KITH_DENIED; KITH_IO. After a failure none of what it made is left. */
kith_err keys_make(const char *folder, bool with_sealing);

/* Fresh ones that no file holds and no partnership knows: for the broker's boot self-test. */
kith_keys_t *keys_of_nobody(void);

/* KITH_DENIED: the mode says more than 0600, the owner is neither this user nor root, it is a
 * symbolic link, or may not be read; KITH_INVALID: not a key file; KITH_NOT_FOUND; KITH_IO.
 * *ret_path, set on failure only: the name within the folder it is about (borrowed; static). */
kith_err keys_load(const char *folder, bool with_sealing, kith_keys_t **ret_keys,
                   const char **ret_path);
void keys_destroy(kith_keys_t **self_p);

/* Public halves. */
const uint8_t *keys_public(const kith_keys_t *self, keys_kind kind);
/* For ZeroMQ's CURVE only. Borrowed. */
const uint8_t *keys_transport_secret(const kith_keys_t *self);
void keys_name(const uint8_t public_key[32], char ret_name[KITH_KEY_NAME_SIZE]);

void keys_random(uint8_t *ret_bytes, size_t size);
/* A kith_hash_f. */
void keys_hash(kith_tag tag, const kith_bytes_t *parts, size_t parts_count,
               kith_digest_t *ret_digest);
/* CRC-like but keyed to nothing: 8 bytes of BLAKE2b, for rows. */
uint64_t keys_checksum(kith_bytes_t a, kith_bytes_t b);

/* Ed25519 over tag ‖ message. */
void keys_sign(const kith_keys_t *self, kith_tag tag, kith_bytes_t message,
               uint8_t ret_signature[64]);
bool keys_verify(const uint8_t public_key[32], kith_tag tag, kith_bytes_t message,
                 kith_bytes_t signature);

/* X25519 halves for wrapping. The sender's secret half is made at process start and at least
 * weekly, lives in memory only: a stolen sender key opens nothing it sent. */
typedef struct keys_half {
    uint8_t public_half[32];
    uint8_t secret_half[32];
} keys_half_t;
void keys_half_make(keys_half_t *ret_half);
/* The pairwise wrapping key; cache it per (half, recipient key). KITH_INVALID: a weak key. */
kith_err keys_wrap_key_sender(const keys_half_t *half, const uint8_t recipient_public[32],
                              uint8_t ret_key[32]);
kith_err keys_wrap_key_recipient(const kith_keys_t *self, kith_bytes_t sender_half,
                                 uint8_t ret_key[32]);

/* XChaCha20-Poly1305 (IETF), 24-byte nonce, 16-byte tag at the end. ret_cipher: 16 bytes longer
 * than plain; may be the same place. */
void keys_aead_seal(const uint8_t key[32], const uint8_t nonce[24], kith_bytes_t plain,
                    kith_bytes_t extra, uint8_t *ret_cipher);
/* KITH_INVALID when it does not open (ret_plain is then of no meaning). */
kith_err keys_aead_open(const uint8_t key[32], kith_bytes_t nonce, kith_bytes_t cipher,
                        kith_bytes_t extra, uint8_t *ret_plain);
void keys_wipe(void *data, size_t size);
