/* Mails out, to one mail server: the only file that includes libcurl. Never blocks but in
 * smtp_wait, and under two seconds where a server does not answer our good-bye. Never logs.
 *
 * TLS 1.2 or later with a certificate of the named authority and the server's name, or nothing is
 * sent at all, not even the password. A mail may arrive twice (a connection that breaks between its
 * end and the server's answer is SMTP_LATER), never be lost. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

typedef struct smtp smtp_t;

/* Mails in hand: an alert's round, together a few MiB. */
#define SMTP_BUSY_MAX 64u
/* Connections at once, one mail each; what large providers grant a sender. The others wait. */
#define SMTP_CONNECTIONS_MAX 3u
/* Descriptors of the caller in one smtp_wait. */
#define SMTP_WAIT_FDS_MAX 8u
/* RFC 5321, 4.5.3.1: a path, less its brackets. */
#define SMTP_ADDRESS_BYTES_MAX 254u

typedef struct smtp_options {
    const char *url;             /* smtp://host:port (STARTTLS) or smtps://host:port */
    const char *user, *password; /* both NULL: no AUTH; else PLAIN or LOGIN, within TLS */
    const char *ca;              /* PEM file, then it alone is believed; NULL: the system's */
    const char *helo;            /* our domain: letters, digits, `-` and `.` */
    int64_t timeout_ms;          /* of one mail, from its connection to the last answer; over 0 */
} smtp_options_t;

/* Copies the options; connects to nothing. KITH_INVALID: one of them breaks its rule above;
 * KITH_NOT_FOUND: ca cannot be read. */
kith_err smtp_open(const smtp_options_t *options, smtp_t **ret_smtp);
/* Mails still in hand are given up: whoever wants to know sends them again. */
void smtp_close(smtp_t **self_p);

/* Begins one transaction: one sender, one recipient. from: "" is nobody (`<>`, for what must never
 * bounce). mail: whole, copied; lines end with CRLF, the last one too. KITH_INVALID: an address is
 * none, is not in ASCII or has a blank, a control or a bracket, or the mail has a CR or LF alone or
 * a NUL; KITH_FULL: SMTP_BUSY_MAX are in hand. */
kith_err smtp_send(smtp_t *self, uint64_t ticket, const char *from, const char *to,
                   kith_bytes_t mail);

typedef enum smtp_outcome {
    SMTP_SENT,    /* the server has taken it over */
    SMTP_REFUSED, /* 5xx to sender, recipient or mail: for good */
    SMTP_LATER,   /* 4xx, no connection, no TLS, no AUTH, timeout: send it again */
} smtp_outcome;

typedef struct smtp_done {
    uint64_t ticket; /* the caller's */
    smtp_outcome outcome;
    long code; /* the server's, of the answer that decided; 0: none did */
    /* sent · refused-sender, refused-recipient, refused-mail · not-now (4xx, or a server that
     * serves nobody), no-connection, connection-lost, timeout, no-tls, bad-certificate,
     * auth-failed, failed. Static; holds nothing of a mail or an account. */
    const char *why;
} smtp_done_t;

/* Waits until there is work for smtp_next, one of these descriptors can be read, or wait_ms are
 * over. KITH_LIMIT: too many descriptors; KITH_IO. */
kith_err smtp_wait(smtp_t *self, const int *fds, size_t fds_count, int64_t wait_ms);

/* Works on; the next that has ended, false when there is none now. */
bool smtp_next(smtp_t *self, smtp_done_t *ret_done);
