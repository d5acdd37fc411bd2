/* What people and programs prove themselves with: passwords, and random secrets of which only a
 * digest is kept. libsodium; keys of agencies are io/keys.h. keys_begin comes first. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

#define SECRET_HASH_SIZE    128u /* of a text that begins with $argon2id$ */
#define SECRET_DIGEST_BYTES 32u
/* A random secret as text: 32 bytes in hex. */
#define SECRET_BYTES     32u
#define SECRET_TEXT_SIZE (2u * SECRET_BYTES + 1u)

/* Argon2id with a salt of its own, 64 MiB and two passes: about a tenth of a second. KITH_FULL: not
 * so much memory is left. */
kith_err secret_hash_password(const char *password, char ret_hash[SECRET_HASH_SIZE]);
bool secret_fits_password(const char *hash, const char *password);

/* Of a random secret, BLAKE2b: nobody guesses 32 bytes, so it need not be slow. */
void secret_digest(kith_bytes_t secret, uint8_t ret_digest[SECRET_DIGEST_BYTES]);
/* In a time that does not tell where they differ. */
bool secret_equal(const uint8_t a[SECRET_DIGEST_BYTES], const uint8_t b[SECRET_DIGEST_BYTES]);
/* A new one. */
void secret_make(char ret_text[SECRET_TEXT_SIZE]);
