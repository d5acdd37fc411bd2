#include "broker/self_test.h"

#include "io/clock.h"

#include <string.h>

/* As long as a handshake may take on a busy machine. */
#define SELF_TEST_MS 10000
#define STRANGER_HWM 16u

zap_verdict self_test_saw(self_test_t *self, const uint8_t key[32], zap_verdict verdict)
{
    if (!self->running || memcmp(self->key, key, sizeof self->key) != 0)
        return verdict;
    self->refused = verdict != ZAP_ADMIT;
    return self->refused ? ZAP_DENY : verdict;
}

/* One look: KITH_AGAIN until it is decided. */
static kith_err look(const self_test_t *self, link_client_t *stranger)
{
    link_news news = link_client_news(stranger);
    if (news == LINK_UP)
        return KITH_DENIED;
    if (news == LINK_DOWN || news == LINK_DENIED)
        return self->refused ? KITH_OK : KITH_IO;
    return KITH_AGAIN;
}

static kith_err wait_for_verdict(const self_test_t *self, link_client_t *stranger, kith_zap_t *zap)
{
    link_poll_t *poll = link_poll_new(3);
    link_poll_zap(poll, zap);
    link_poll_client(poll, stranger);
    int64_t end_mono_ms = clock_mono_ms() + SELF_TEST_MS;
    kith_err err = KITH_AGAIN;
    while (err == KITH_AGAIN && clock_mono_ms() < end_mono_ms) {
        err = link_poll_wait(poll, end_mono_ms - clock_mono_ms());
        zap_serve(zap);
        if (err == KITH_OK)
            err = look(self, stranger);
    }
    link_poll_destroy(&poll);
    return err;
}

kith_err self_test_run(self_test_t *self, link_context_t *context, const kith_keys_t *keys,
                       kith_zap_t *zap, const char *endpoint)
{
    kith_keys_t *nobody = keys_of_nobody();
    link_client_t *stranger = NULL;
    *self = (self_test_t){.running = true};
    memcpy(self->key, keys_public(nobody, KEYS_TRANSPORT), sizeof self->key);
    kith_err err = link_client_curve(context, nobody, keys_public(keys, KEYS_TRANSPORT), endpoint,
                                     STRANGER_HWM, &stranger);
    err = err == KITH_OK ? wait_for_verdict(self, stranger, zap) : KITH_IO;
    self->running = false;
    link_client_destroy(&stranger);
    keys_destroy(&nobody);
    return err;
}
