#include "io/secret.h"

#include "base/id.h"
#include "io/keys.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_pwhash_STRBYTES == SECRET_HASH_SIZE, "a password's hash");

kith_err secret_hash_password(const char *password, char ret_hash[SECRET_HASH_SIZE])
{
    char hash[crypto_pwhash_STRBYTES];
    if (crypto_pwhash_str_alg(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return KITH_FULL;
    memcpy(ret_hash, hash, sizeof hash);
    return KITH_OK;
}

bool secret_fits_password(const char *hash, const char *password)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

void secret_digest(kith_bytes_t secret, uint8_t ret_digest[SECRET_DIGEST_BYTES])
{
    KITH_ASSERT(crypto_generichash(ret_digest, SECRET_DIGEST_BYTES, secret.data, secret.size, NULL,
                                   0) == 0);
}

bool secret_equal(const uint8_t a[SECRET_DIGEST_BYTES], const uint8_t b[SECRET_DIGEST_BYTES])
{
    return sodium_memcmp(a, b, SECRET_DIGEST_BYTES) == 0;
}

void secret_make(char ret_text[SECRET_TEXT_SIZE])
{
    uint8_t bytes[SECRET_BYTES];
    keys_random(bytes, sizeof bytes);
    kith_hex((kith_bytes_t){.data = bytes, .size = sizeof bytes}, ret_text);
    keys_wipe(bytes, sizeof bytes);
}
