#include "io/smtp.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define URL_BYTES_MAX 300u
/* libcurl waits for the answer to QUIT, and for nothing else meanwhile. */
#define QUIT_S 1L

/* Answers from here on are no yes: not now, and never. */
#define CODE_LATER   400
#define CODE_REFUSED 500

/* How far a transaction is: the last command that was sent, but for QUIT. */
typedef enum smtp_stage {
    STAGE_HELLO, /* up to TLS and AUTH */
    STAGE_FROM,
    STAGE_TO,
    STAGE_DATA, /* up to the answer to the mail */
} smtp_stage;

typedef struct transfer {
    CURL *easy;
    struct curl_slist *to; /* libcurl keeps no copy */
    uint64_t ticket;
    smtp_stage stage;
    bool must_log_in, logs_in; /* an account is given; AUTH was sent */
    bool quits;                /* QUIT was sent */
    long code;                 /* of the last answer before that */
    size_t size, read;
    uint8_t bytes[];
} transfer_t;

struct smtp {
    CURLM *multi;
    CURL *common; /* what each transaction is a copy of: all the options */
    bool must_log_in;
    transfer_t *transfers[SMTP_BUSY_MAX]; /* in order of coming; those that run come first */
    size_t count, running;
};

/* An option that this libcurl does not know must not pass unseen. */
/* An option that libcurl knows: asserted where it stands. */
#define SET(easy, option, value) (curl_easy_setopt((easy), CURLOPT_##option, (value)) == CURLE_OK)

/* ---- what is asked --------------------------------------------------------------------------- */

static bool is_helo(const char *helo)
{
    if (helo == NULL || helo[0] == '\0' || strlen(helo) >= URL_BYTES_MAX)
        return false;
    return helo[strspn(helo, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")] ==
           '\0';
}

static bool is_address(const char *address)
{
    size_t size = strlen(address);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)address[i];
        if (c <= ' ' || c >= 0x7f || c == '<' || c == '>')
            return false;
    }
    const char *at = strrchr(address, '@');
    return size <= SMTP_ADDRESS_BYTES_MAX && at != NULL && at != address && at[1] != '\0';
}

/* What two servers could see the end of a mail in differently is not sent. */
static bool is_mail(kith_bytes_t mail)
{
    if (mail.size < 2 || mail.data[mail.size - 1] != '\n')
        return false;
    for (size_t i = 0; i < mail.size; i++) {
        bool after_cr = i > 0 && mail.data[i - 1] == '\r';
        if ((mail.data[i] == '\n') != after_cr || mail.data[i] == '\0')
            return false;
    }
    return true;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && strcmp(text, "/") != 0;
    curl_free(text);
    return has;
}

static bool is_server(CURLU *url)
{
    char *scheme = NULL;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        return false;
    bool is = strcmp(scheme, "smtp") == 0 || strcmp(scheme, "smtps") == 0;
    curl_free(scheme);
    return is && has_part(url, CURLUPART_HOST) && has_part(url, CURLUPART_PORT) &&
           !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) &&
           !has_part(url, CURLUPART_PATH) && !has_part(url, CURLUPART_QUERY) &&
           !has_part(url, CURLUPART_FRAGMENT);
}

/* libcurl says the path of the URL in its EHLO. To be freed with curl_free; NULL: not a server. */
static char *url_with_helo(const smtp_options_t *o)
{
    char *text = NULL;
    CURLU *url = curl_url();
    KITH_ASSERT(url != NULL);
    if (curl_url_set(url, CURLUPART_URL, o->url, 0) == CURLUE_OK && is_server(url)) {
        KITH_ASSERT(curl_url_set(url, CURLUPART_PATH, o->helo, 0) == CURLUE_OK);
        KITH_ASSERT(curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK);
    }
    curl_url_cleanup(url);
    return text;
}

/* ---- what libcurl calls ---------------------------------------------------------------------- */

static size_t give(char *to, size_t one, size_t many, void *context)
{
    transfer_t *transfer = context;
    size_t room = one * many, left = transfer->size - transfer->read;
    size_t size = left < room ? left : room;
    memcpy(to, transfer->bytes + transfer->read, size);
    transfer->read += size;
    return size;
}

static bool starts(const char *text, size_t size, const char *word)
{
    return size >= strlen(word) && strncasecmp(text, word, strlen(word)) == 0;
}

/* Sees each command that is sent, and looks at its first word only: AUTH's have the password. */
static int see(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
    transfer_t *transfer = context;
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    if (transfer->stage == STAGE_HELLO && starts(data, size, "AUTH ")) {
        transfer->logs_in = true;
    } else if (transfer->stage == STAGE_HELLO && starts(data, size, "MAIL ")) {
        transfer->stage = STAGE_FROM;
    } else if (transfer->stage == STAGE_FROM && starts(data, size, "RCPT ")) {
        transfer->stage = STAGE_TO;
    } else if (transfer->stage == STAGE_TO && starts(data, size, "DATA")) {
        transfer->stage = STAGE_DATA;
    } else if (starts(data, size, "QUIT")) {
        transfer->quits = true;
        KITH_ASSERT(SET(easy, SERVER_RESPONSE_TIMEOUT, QUIT_S));
    }
    return 0;
}

/* Where the server offers no AUTH libcurl goes on without; we do not. */
static bool is_left_out(const transfer_t *transfer)
{
    return transfer->must_log_in && !transfer->logs_in;
}

/* Each line of the server's answers. */
static size_t hear(char *line, size_t one, size_t many, void *context)
{
    transfer_t *transfer = context;
    size_t size = one * many;
    if (transfer->quits)
        return size;
    transfer->code = 0;
    for (size_t i = 0; i < 3 && i < size && line[i] >= '0' && line[i] <= '9'; i++)
        transfer->code = transfer->code * 10 + (line[i] - '0');
    return transfer->stage == STAGE_FROM && is_left_out(transfer) ? 0 : size;
}

/* ---- open and close -------------------------------------------------------------------------- */

static void set_tls(CURL *easy, const char *ca)
{
    KITH_ASSERT(SET(easy, PROTOCOLS_STR, "smtp,smtps"));
    KITH_ASSERT(SET(easy, USE_SSL, (long)CURLUSESSL_ALL)); /* TRY would fall back to plain text */
    KITH_ASSERT(SET(easy, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
    KITH_ASSERT(SET(easy, SSL_VERIFYPEER, 1L));
    KITH_ASSERT(SET(easy, SSL_VERIFYHOST, 2L));
    if (ca != NULL) {
        KITH_ASSERT(SET(easy, CAINFO, ca));
        KITH_ASSERT(SET(easy, CAPATH, NULL)); /* else the system's are believed beside it */
    }
}

/* Nothing of the environment: no proxy, no .netrc, no Kerberos. */
static CURL *common_new(const smtp_options_t *o, const char *url)
{
    CURL *easy = curl_easy_init();
    KITH_ASSERT(easy != NULL);
    set_tls(easy, o->ca);
    KITH_ASSERT(SET(easy, URL, url));
    KITH_ASSERT(SET(easy, PROXY, ""));
    KITH_ASSERT(SET(easy, NOSIGNAL, 1L));
    KITH_ASSERT(SET(easy, TIMEOUT_MS, (long)o->timeout_ms));
    KITH_ASSERT(SET(easy, CONNECTTIMEOUT_MS, (long)o->timeout_ms));
    KITH_ASSERT(SET(easy, SERVER_RESPONSE_TIMEOUT, (long)(o->timeout_ms / 1000 + 1)));
    if (o->user != NULL) {
        KITH_ASSERT(SET(easy, USERNAME, o->user));
        KITH_ASSERT(SET(easy, PASSWORD, o->password));
        KITH_ASSERT(SET(easy, LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN"));
    }
    /* One connection a mail: on one that the server has closed meanwhile it would fail. */
    KITH_ASSERT(SET(easy, FRESH_CONNECT, 1L));
    KITH_ASSERT(SET(easy, FORBID_REUSE, 1L));
    KITH_ASSERT(SET(easy, UPLOAD, 1L));
    KITH_ASSERT(SET(easy, READFUNCTION, give));
    KITH_ASSERT(SET(easy, HEADERFUNCTION, hear));
    KITH_ASSERT(SET(easy, DEBUGFUNCTION, see));
    KITH_ASSERT(SET(easy, VERBOSE, 1L)); /* calls see, prints nothing */
    return easy;
}

kith_err smtp_open(const smtp_options_t *o, smtp_t **ret_smtp)
{
    if (o->url == NULL || !is_helo(o->helo) || (o->user == NULL) != (o->password == NULL) ||
        strlen(o->url) > URL_BYTES_MAX || o->timeout_ms <= 0 || o->timeout_ms > INT_MAX)
        return KITH_INVALID;
    if (o->ca != NULL && access(o->ca, R_OK) != 0)
        return KITH_NOT_FOUND;
    KITH_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    char *url = url_with_helo(o);
    if (url == NULL) {
        curl_global_cleanup();
        return KITH_INVALID;
    }
    smtp_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->multi = curl_multi_init();
    KITH_ASSERT(self->multi != NULL);
    self->common = common_new(o, url);
    self->must_log_in = o->user != NULL;
    curl_free(url);
    *ret_smtp = self;
    return KITH_OK;
}

static void transfer_end(smtp_t *self, transfer_t *transfer)
{
    /* One that waits was never added; then this does nothing. */
    KITH_ASSERT(curl_multi_remove_handle(self->multi, transfer->easy) == CURLM_OK);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->to);
    free(transfer);
}

void smtp_close(smtp_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    smtp_t *self = *self_p;
    for (size_t i = 0; i < self->count; i++)
        transfer_end(self, self->transfers[i]);
    curl_easy_cleanup(self->common);
    curl_multi_cleanup(self->multi);
    curl_global_cleanup();
    free(self);
    *self_p = NULL;
}

/* ---- sending --------------------------------------------------------------------------------- */

static transfer_t *transfer_new(smtp_t *self, const char *from, const char *to, kith_bytes_t mail)
{
    transfer_t *transfer = calloc(1, sizeof *transfer + mail.size);
    KITH_ASSERT(transfer != NULL);
    memcpy(transfer->bytes, mail.data, mail.size);
    transfer->size = mail.size;
    transfer->must_log_in = self->must_log_in;
    transfer->easy = curl_easy_duphandle(self->common);
    transfer->to = curl_slist_append(NULL, to);
    KITH_ASSERT(transfer->easy != NULL && transfer->to != NULL);
    KITH_ASSERT(SET(transfer->easy, PRIVATE, transfer));
    KITH_ASSERT(SET(transfer->easy, READDATA, transfer));
    KITH_ASSERT(SET(transfer->easy, HEADERDATA, transfer));
    KITH_ASSERT(SET(transfer->easy, DEBUGDATA, transfer));
    KITH_ASSERT(SET(transfer->easy, INFILESIZE_LARGE, (curl_off_t)mail.size));
    if (from[0] != '\0') /* without one libcurl says <> */
        KITH_ASSERT(SET(transfer->easy, MAIL_FROM, from));
    KITH_ASSERT(SET(transfer->easy, MAIL_RCPT, transfer->to));
    return transfer;
}

static void start(smtp_t *self)
{
    while (self->running < self->count && self->running < SMTP_CONNECTIONS_MAX) {
        transfer_t *transfer = self->transfers[self->running++];
        KITH_ASSERT(curl_multi_add_handle(self->multi, transfer->easy) == CURLM_OK);
    }
}

kith_err smtp_send(smtp_t *self, uint64_t ticket, const char *from, const char *to,
                   kith_bytes_t mail)
{
    if ((from[0] != '\0' && !is_address(from)) || !is_address(to) || !is_mail(mail))
        return KITH_INVALID;
    if (self->count == SMTP_BUSY_MAX)
        return KITH_FULL;
    transfer_t *transfer = transfer_new(self, from, to, mail);
    transfer->ticket = ticket;
    self->transfers[self->count++] = transfer;
    start(self);
    return KITH_OK;
}

kith_err smtp_wait(smtp_t *self, const int *fds, size_t fds_count, int64_t wait_ms)
{
    struct curl_waitfd others[SMTP_WAIT_FDS_MAX] = {0};
    if (fds_count > SMTP_WAIT_FDS_MAX)
        return KITH_LIMIT;
    for (size_t i = 0; i < fds_count; i++)
        others[i] = (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
    int wait = wait_ms < 0 ? 0 : wait_ms > INT_MAX ? INT_MAX : (int)wait_ms;
    CURLMcode rc = curl_multi_poll(self->multi, others, (unsigned)fds_count, wait, NULL);
    return rc == CURLM_OK ? KITH_OK : KITH_IO;
}

/* ---- what came of it ------------------------------------------------------------------------- */

static const char *word_of(CURLcode rc, bool answered)
{
    switch ((int)rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return "no-connection";
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "bad-certificate";
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        return "no-tls";
    case CURLE_LOGIN_DENIED:
        return "auth-failed";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return "connection-lost";
    default:
        return answered ? "not-now" : "failed";
    }
}

/* "Log in first", to whatever command (RFC 4954, 6): the account is wrong, not the mail. */
static bool is_of_account(long code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

/* 552 to MAIL is about the size, which libcurl says there. */
static const char *refusal_of(const transfer_t *transfer)
{
    if (transfer->stage == STAGE_FROM && transfer->code != 552)
        return "refused-sender";
    return transfer->stage == STAGE_TO ? "refused-recipient" : "refused-mail";
}

/* libcurl has one error for every command that the server refuses: the code and how far it came
 * decide. */
static smtp_done_t done_of(const transfer_t *transfer, CURLcode rc)
{
    smtp_done_t done = {.ticket = transfer->ticket, .outcome = SMTP_LATER};
    bool answered = transfer->code >= CODE_LATER, began = transfer->stage != STAGE_HELLO;
    done.code = answered || rc == CURLE_OK ? transfer->code : 0;
    if (rc == CURLE_OK) {
        done.outcome = SMTP_SENT;
        done.why = "sent";
    } else if (is_of_account(done.code) || (began && is_left_out(transfer))) {
        done.why = "auth-failed";
    } else if (began && done.code >= CODE_REFUSED) {
        done.outcome = SMTP_REFUSED;
        done.why = refusal_of(transfer);
    } else {
        done.why = began && answered ? "not-now" : word_of(rc, answered);
    }
    return done;
}

static void take_out(smtp_t *self, size_t at)
{
    transfer_end(self, self->transfers[at]);
    self->count--;
    self->running--;
    memmove(&self->transfers[at], &self->transfers[at + 1],
            (self->count - at) * sizeof *self->transfers);
}

bool smtp_next(smtp_t *self, smtp_done_t *ret_done)
{
    int unused;
    KITH_ASSERT(curl_multi_perform(self->multi, &unused) == CURLM_OK);
    const CURLMsg *ended = curl_multi_info_read(self->multi, &unused);
    if (ended == NULL)
        return false;
    size_t at = 0;
    while (self->transfers[at]->easy != ended->easy_handle)
        at++;
    *ret_done = done_of(self->transfers[at], ended->data.result);
    take_out(self, at);
    start(self);
    return true;
}
