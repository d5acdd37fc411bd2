/* The words in an address of ours that say what a mail is about: kith+TOKEN@agency.example. Pure.
 *
 * 42 letters of base32: what it names (16 bytes), the day it ends (2), a keyed hash of both and of
 * what it is for (8). It says where a mail belongs and is no proof of who wrote it: the sender's
 * address and the mail server's word on it are. */
#pragma once

#include "base/id.h"
#include "base/limits.h"

#define TOKEN_KEY_BYTES 32u
#define TOKEN_TEXT_SIZE 44u /* with the letter of its use and NUL */

typedef enum token_use {
    TOKEN_ANSWER = 'r', /* names an alert */
    TOKEN_BOUNCE = 'b', /* names a mail that we sent, by its number */
} token_use;

typedef struct token {
    token_use use;
    uint8_t name[16];
    int64_t ends_ms; /* the end of a day of UTC */
} token_t;

/* ends_ms: from then on it counts no more; at most until 2149. */
void token_make(const uint8_t key[TOKEN_KEY_BYTES], token_use use, kith_bytes_t name,
                int64_t ends_ms, char ret_text[TOKEN_TEXT_SIZE]);
/* The token at the beginning of the text (letters of either case). false: there is none of ours. */
bool token_read(const uint8_t key[TOKEN_KEY_BYTES], const char *text, token_t *ret_token);
/* The first in a text that holds other words, behind a mark: '+' in addresses, '<' in ids. */
bool token_find(const uint8_t key[TOKEN_KEY_BYTES], const char *text, char mark,
                token_t *ret_token);
