#include "bench/lib/load.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Messages queued between two pumps. */
#define BURST_MAX 64u
#define IDLE_US   20000
#define SAMPLE_MS 20
/* A drain in which nothing comes for so long is over. */
#define QUIET_NS 3000000000u

typedef enum phase { WARM, MEASURED, DRAIN, END } phase_t;

static const load_system_t *the_system;
static load_publisher_t *publishers;
static load_subscriber_t *subscribers;
static _Atomic phase_t phase;
static _Atomic size_t subscribers_ready, publishers_done;
static _Atomic uint64_t start_ns;
static pthread_barrier_t start_line;

void load_fail(const char *format, ...)
{
    va_list more;
    va_start(more, format);
    (void)fprintf(stderr, "%s: ", load_options.system);
    (void)vfprintf(stderr, format, more);
    (void)fputc('\n', stderr);
    va_end(more);
    _exit(2);
}

void *load_new(size_t size)
{
    void *made = calloc(1, size);
    if (!made)
        load_fail("no memory");
    return made;
}

bool load_wait_fd(int fd, bool writable, long wait_us)
{
    struct pollfd item = {.fd = fd, .events = writable ? POLLIN | POLLOUT : POLLIN};
    struct timespec wait = {wait_us / 1000000, wait_us % 1000000 * 1000};
    return ppoll(&item, 1, &wait, NULL) > 0;
}

/* ---- counting ---- */

void load_acked(load_publisher_t *p, uint64_t number)
{
    if (number >= p->sent && number >= load_options.count_max)
        load_fail("acknowledged what was never sent");
    if (atomic_load(&phase) == MEASURED) {
        hist_add(&p->acked_hist, probe_now_ns() - atomic_load(&p->sent_ns[number]));
        atomic_fetch_add(&p->acked_measured, 1);
    }
    atomic_fetch_add(&p->acked, 1);
}

void load_got(load_subscriber_t *s, size_t publisher, uint64_t number)
{
    if (publisher >= load_options.publishers || number >= load_options.count_max)
        load_fail("delivered what was never sent");
    uint8_t *byte = &s->seen[publisher][number / 8], bit = (uint8_t)(1u << number % 8);
    if (*byte & bit) {
        s->doubled++;
        return;
    }
    *byte |= bit;
    if (number < s->next[publisher])
        s->reordered++;
    else
        s->next[publisher] = number + 1;
    if (atomic_load(&phase) == MEASURED) {
        hist_add(&s->got_hist,
                 probe_now_ns() - atomic_load(&publishers[publisher].sent_ns[number]));
        atomic_fetch_add(&s->got_measured, 1);
    }
    atomic_fetch_add(&s->got, 1);
}

typedef struct message_head {
    uint64_t publisher, number;
} message_head_t;

void load_message_write(const load_publisher_t *p, uint8_t *ret_message)
{
    message_head_t head = {p->index, p->sent};
    memcpy(ret_message, &head, sizeof head);
    for (size_t i = sizeof head; i < load_options.bytes; i += 97) /* not one run of zeros */
        ret_message[i] = (uint8_t)(p->sent + i);
}

void load_message_got(load_subscriber_t *s, const void *message, size_t size)
{
    message_head_t head;
    if (size != load_options.bytes)
        load_fail("delivered %zu bytes", size);
    memcpy(&head, message, sizeof head);
    load_got(s, head.publisher, head.number);
}

/* ---- a publisher ---- */

typedef struct pace {
    uint64_t gap_ns; /* 0: none */
    uint64_t next_ns;
} pace_t;

static bool may_send(load_publisher_t *p)
{
    return p->sent - atomic_load(&p->acked) < load_options.window &&
           p->sent < load_options.count_max &&
           (!the_system->publisher_ready || the_system->publisher_ready(p));
}

static void send_burst(load_publisher_t *p, pace_t *pace)
{
    uint64_t now = probe_now_ns();
    for (unsigned i = 0; i < BURST_MAX && may_send(p); i++) {
        if (pace->gap_ns && pace->next_ns > now)
            return;
        atomic_store(&p->sent_ns[p->sent], pace->gap_ns ? pace->next_ns : probe_now_ns());
        the_system->publisher_send(p);
        p->sent++;
        pace->next_ns += pace->gap_ns;
    }
}

static long pump_wait_us(load_publisher_t *p, const pace_t *pace)
{
    if (!may_send(p))
        return IDLE_US;
    uint64_t now = probe_now_ns();
    if (!pace->gap_ns || pace->next_ns <= now)
        return 0;
    uint64_t wait_us = (pace->next_ns - now) / 1000;
    return wait_us < IDLE_US ? (long)wait_us : IDLE_US;
}

static void *publish(void *own)
{
    load_publisher_t *p = own;
    pace_t pace = {0};
    the_system->publisher_open(p);
    (void)pthread_barrier_wait(&start_line);
    if (load_options.rate > 0)
        pace.gap_ns = (uint64_t)(1e9 * (double)load_options.publishers / load_options.rate);
    pace.next_ns = probe_now_ns() + pace.gap_ns * p->index / load_options.publishers;
    while (atomic_load(&phase) < DRAIN) {
        send_burst(p, &pace);
        the_system->publisher_pump(p, pump_wait_us(p, &pace));
    }
    uint64_t end_ns = probe_now_ns() + (uint64_t)(load_options.drain_s * 1e9);
    while (atomic_load(&p->acked) < p->sent && probe_now_ns() < end_ns)
        the_system->publisher_pump(p, 10000);
    the_system->publisher_close(p);
    atomic_fetch_add(&publishers_done, 1);
    return NULL;
}

/* ---- a subscriber ---- */

static bool lags(const load_subscriber_t *s)
{
    uint64_t since = atomic_load(&start_ns);
    return load_options.lag_s > 0 && s->index + 1 == load_options.subscribers &&
           (since == 0 || (double)(probe_now_ns() - since) < load_options.lag_s * 1e9);
}

static void *subscribe(void *own)
{
    load_subscriber_t *s = own;
    the_system->subscriber_open(s);
    atomic_fetch_add(&subscribers_ready, 1);
    while (atomic_load(&phase) < END) {
        if (lags(s))
            probe_pause_ms(SAMPLE_MS);
        else
            the_system->subscriber_pump(s, IDLE_US);
    }
    the_system->subscriber_close(s);
    return NULL;
}

/* ---- the run ---- */

static double since_s(uint64_t from_ns)
{
    return (double)(probe_now_ns() - from_ns) / 1e9;
}

/* Nobody keeps a process's highest RssAnon, so it is sampled. */
static void sample(load_sums_t *sums)
{
    probe_use_t use = probe_processes(load_options.pids, load_options.pids_count);
    if (use.anon_mib > sums->anon_mib_max)
        sums->anon_mib_max = use.anon_mib;
    if (since_s(atomic_load(&start_ns)) < load_options.lag_s && use.anon_mib > sums->anon_mib_lag)
        sums->anon_mib_lag = use.anon_mib;
    probe_pause_ms(SAMPLE_MS);
}

static void sample_for(load_sums_t *sums, double seconds)
{
    uint64_t from_ns = probe_now_ns();
    while (since_s(from_ns) < seconds)
        sample(sums);
}

static void threads_start(pthread_t threads[LOAD_PUBLISHERS_MAX + LOAD_SUBSCRIBERS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < load_options.subscribers; i++) {
        subscribers[i].index = i;
        for (size_t k = 0; k < load_options.publishers; k++)
            subscribers[i].seen[k] = load_new(load_options.count_max / 8 + 1);
        if (pthread_create(&threads[count++], NULL, subscribe, &subscribers[i]) != 0)
            load_fail("no thread");
    }
    for (int i = 0; i < 1000 && atomic_load(&subscribers_ready) < load_options.subscribers; i++)
        probe_pause_ms(SAMPLE_MS);
    if (atomic_load(&subscribers_ready) < load_options.subscribers)
        load_fail("not all subscribers are ready");
    for (size_t i = 0; i < load_options.publishers; i++) {
        publishers[i].index = i;
        publishers[i].sent_ns = load_new(load_options.count_max * sizeof *publishers[i].sent_ns);
        if (pthread_create(&threads[count++], NULL, publish, &publishers[i]) != 0)
            load_fail("no thread");
    }
    (void)pthread_barrier_wait(&start_line);
}

static uint64_t got_by_all(void)
{
    uint64_t got = 0;
    for (size_t i = 0; i < load_options.subscribers; i++)
        got += atomic_load(&subscribers[i].got);
    return got;
}

static uint64_t owed_to_all(void)
{
    uint64_t sent = 0;
    for (size_t i = 0; i < load_options.publishers; i++)
        sent += publishers[i].sent;
    return sent * load_options.subscribers;
}

/* Until all publishers have their acknowledgements and everything came, or nothing more comes. */
static void drain(load_sums_t *sums)
{
    uint64_t from_ns = probe_now_ns(), news_ns = from_ns, got = got_by_all();
    while (since_s(from_ns) < load_options.drain_s && probe_now_ns() - news_ns < QUIET_NS) {
        if (atomic_load(&publishers_done) == load_options.publishers && got >= owed_to_all())
            break;
        if (since_s(atomic_load(&start_ns)) < load_options.lag_s)
            news_ns = probe_now_ns();
        probe_pause_ms(1);
        uint64_t now_got = got_by_all();
        if (now_got != got)
            news_ns = probe_now_ns();
        got = now_got;
    }
    sums->drain_s = since_s(from_ns);
}

static load_sums_t measure(void)
{
    load_sums_t sums = {.publishers = publishers,
                        .subscribers = subscribers,
                        .publishers_count = load_options.publishers,
                        .subscribers_count = load_options.subscribers};
    atomic_store(&start_ns, probe_now_ns());
    probe_use_t use = probe_processes(load_options.pids, load_options.pids_count);
    probe_disk_t disk = probe_device(load_options.device);
    double own_cpu_s = probe_own_cpu_s();
    sample_for(&sums, load_options.warm_s);
    atomic_store(&phase, MEASURED);
    uint64_t from_ns = probe_now_ns();
    sample_for(&sums, load_options.measured_s);
    atomic_store(&phase, DRAIN);
    sums.measured_s = since_s(from_ns);
    drain(&sums);
    sums.all_s = since_s(atomic_load(&start_ns));
    probe_disk_t disk_then = probe_device(load_options.device);
    sums.server_cpu_s =
        probe_processes(load_options.pids, load_options.pids_count).cpu_s - use.cpu_s;
    sums.client_cpu_s = probe_own_cpu_s() - own_cpu_s;
    sums.disk.written_mib = disk_then.written_mib - disk.written_mib;
    sums.disk.flushes = disk_then.flushes - disk.flushes;
    atomic_store(&phase, END);
    return sums;
}

int load_run(const load_system_t *system)
{
    pthread_t threads[LOAD_PUBLISHERS_MAX + LOAD_SUBSCRIBERS_MAX];
    the_system = system;
    publishers = load_new(load_options.publishers * sizeof *publishers);
    subscribers = load_new((load_options.subscribers + 1) * sizeof *subscribers);
    (void)pthread_barrier_init(&start_line, NULL, (unsigned)load_options.publishers + 1);
    if (system->setup)
        system->setup();
    threads_start(threads);
    load_sums_t sums = measure();
    for (size_t i = 0; i < load_options.publishers + load_options.subscribers; i++)
        (void)pthread_join(threads[i], NULL);
    return load_line_print(&sums);
}
