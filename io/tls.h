/* TLS for a server's connections: the only file that includes GnuTLS. Never blocks: the caller
 * waits for the socket. TLS 1.2 and 1.3, the library's own choice of the rest. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

typedef struct tls_server tls_server_t; /* certificate and key */
typedef struct tls tls_t;               /* one connection */

/* Files in PEM. KITH_DENIED: the key's file may be read by others, or not by us; KITH_INVALID: they
 * are not such files, or do not belong together. */
kith_err tls_server_new(const char *certificate, const char *key, tls_server_t **ret_server);
void tls_server_destroy(tls_server_t **self_p);

/* fd stays the caller's. */
tls_t *tls_new(const tls_server_t *server, int fd);
/* Says good-bye, if that can be done at once. */
void tls_destroy(tls_t **self_p);

/* The handshake is part of the first calls. KITH_OK: *ret_size bytes, 0 at the end; KITH_AGAIN:
 * wait for the socket (to write when tls_wants_write); KITH_IO: it is broken, or no TLS. */
kith_err tls_receive(tls_t *self, uint8_t *ret_data, size_t size, size_t *ret_size);
kith_err tls_send(tls_t *self, kith_bytes_t data, size_t *ret_size);
bool tls_wants_write(const tls_t *self);
