#include "io/tls.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct tls_server {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
};

struct tls {
    gnutls_session_t session;
    bool shaken; /* the handshake is over */
};

kith_err tls_server_new(const char *certificate, const char *key, tls_server_t **ret_server)
{
    struct stat at;
    if (stat(key, &at) != 0 || (at.st_mode & 077) != 0 || access(key, R_OK) != 0)
        return KITH_DENIED;
    tls_server_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    KITH_ASSERT(gnutls_certificate_allocate_credentials(&self->credentials) == GNUTLS_E_SUCCESS);
    int rc = gnutls_priority_init(
        &self->priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE", NULL);
    if (rc == GNUTLS_E_SUCCESS)
        rc = gnutls_certificate_set_x509_key_file(self->credentials, certificate, key,
                                                  GNUTLS_X509_FMT_PEM);
    if (rc < 0) {
        tls_server_destroy(&self);
        return KITH_INVALID;
    }
    *ret_server = self;
    return KITH_OK;
}

void tls_server_destroy(tls_server_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    tls_server_t *self = *self_p;
    if (self->priority != NULL)
        gnutls_priority_deinit(self->priority);
    gnutls_certificate_free_credentials(self->credentials);
    free(self);
    *self_p = NULL;
}

tls_t *tls_new(const tls_server_t *server, int fd)
{
    tls_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    KITH_ASSERT(gnutls_init(&self->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) ==
                GNUTLS_E_SUCCESS);
    KITH_ASSERT(gnutls_priority_set(self->session, server->priority) == GNUTLS_E_SUCCESS);
    KITH_ASSERT(gnutls_credentials_set(self->session, GNUTLS_CRD_CERTIFICATE,
                                       server->credentials) == GNUTLS_E_SUCCESS);
    gnutls_transport_set_int(self->session, fd);
    return self;
}

void tls_destroy(tls_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    if ((*self_p)->shaken)
        (void)gnutls_bye((*self_p)->session, GNUTLS_SHUT_WR);
    gnutls_deinit((*self_p)->session);
    free(*self_p);
    *self_p = NULL;
}

static kith_err err_of(ssize_t rc)
{
    return rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED ? KITH_AGAIN : KITH_IO;
}

static kith_err shake(tls_t *self)
{
    if (self->shaken)
        return KITH_OK;
    int rc = gnutls_handshake(self->session);
    self->shaken = rc == GNUTLS_E_SUCCESS;
    /* A warning is no end; what comes next is waited for. */
    return self->shaken ? KITH_OK : gnutls_error_is_fatal(rc) ? KITH_IO : KITH_AGAIN;
}

kith_err tls_receive(tls_t *self, uint8_t *ret_data, size_t size, size_t *ret_size)
{
    kith_err err = shake(self);
    if (err != KITH_OK)
        return err;
    ssize_t rc = gnutls_record_recv(self->session, ret_data, size);
    if (rc < 0)
        return err_of(rc);
    *ret_size = (size_t)rc;
    return KITH_OK;
}

kith_err tls_send(tls_t *self, kith_bytes_t data, size_t *ret_size)
{
    kith_err err = shake(self);
    if (err != KITH_OK)
        return err;
    ssize_t rc = gnutls_record_send(self->session, data.data, data.size);
    if (rc < 0)
        return err_of(rc);
    *ret_size = (size_t)rc;
    return KITH_OK;
}

bool tls_wants_write(const tls_t *self)
{
    return !self->shaken && gnutls_record_get_direction(self->session) == 1;
}
