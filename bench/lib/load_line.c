/* The command line in, one line of JSON out: see bench/lib/load.h. */
#include "bench/lib/load.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

load_options_t load_options = {
    .system = "?",
    .mode = "peak",
    .folder = ".",
    .device = "vda",
    .publishers = 4,
    .subscribers = 3,
    .window = 256,
    .bytes = 1024,
    .batch = 64,
    .count_max = 400000,
    .warm_s = 2,
    .measured_s = 6,
    .drain_s = 20,
};

/* ---- in ---- */

static double number(const char *text, double least, double most)
{
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text || *end || value < least || value > most)
        load_fail("%s: a number from %.0f to %.0f is needed", text, least, most);
    return value;
}

static size_t whole(const char *text, size_t least, size_t most)
{
    return (size_t)number(text, (double)least, (double)most);
}

static void add_pid(const char *text)
{
    if (load_options.pids_count == LOAD_PIDS_MAX)
        load_fail("more than %u processes", LOAD_PIDS_MAX);
    load_options.pids[load_options.pids_count++] = (pid_t)number(text, 1, 1e9);
}

/* bench/run is who writes this command line. */
static bool option(int letter)
{
    load_options_t *o = &load_options;
    switch (letter) {
    case 'n':
        o->system = optarg;
        break;
    case 'm':
        o->mode = optarg;
        break;
    case 'f':
        o->folder = optarg;
        break;
    case 'D':
        o->device = optarg;
        break;
    case 'P':
        o->publishers = whole(optarg, 1, LOAD_PUBLISHERS_MAX);
        break;
    case 'S':
        o->subscribers = whole(optarg, 1, LOAD_SUBSCRIBERS_MAX);
        break;
    case 'w':
        o->window = whole(optarg, 1, LOAD_WINDOW_MAX);
        break;
    case 's':
        o->bytes = whole(optarg, 64, 65536);
        break;
    case 'b':
        o->batch = whole(optarg, 1, 64);
        break;
    case 'x':
        o->count_max = whole(optarg, 1, 10000000);
        break;
    case 'r':
        o->rate = number(optarg, 0, 1e7);
        break;
    case 'W':
        o->warm_s = number(optarg, 0, 600);
        break;
    case 't':
        o->measured_s = number(optarg, 0.1, 600);
        break;
    case 'd':
        o->drain_s = number(optarg, 0, 600);
        break;
    case 'l':
        o->lag_s = number(optarg, 0, 600);
        break;
    case 'p':
        o->port = (unsigned)whole(optarg, 1, 65535);
        break;
    case 'k':
        add_pid(optarg);
        break;
    default:
        return false;
    }
    return true;
}

int load_main(int argc, char **argv, const load_system_t *system)
{
    int letter = 0;
    while ((letter = getopt(argc, argv, "n:m:f:D:P:S:w:s:b:x:r:W:t:d:l:p:k:")) != -1)
        if (!option(letter))
            return 64;
    const load_options_t *o = &load_options;
    /* Whatever happens, it ends. */
    (void)alarm((unsigned)(o->warm_s + o->measured_s + 2 * o->drain_s + 120));
    return load_run(system);
}

/* ---- out ---- */

typedef struct totals {
    uint64_t sent, acked, acked_measured, got_measured, missing, doubled, reordered;
    bool ran_out; /* of messages: the rate is then of what there was */
    hist_t acked_hist, got_hist;
} totals_t;

static totals_t add_up(const load_sums_t *sums)
{
    totals_t t = {0};
    for (size_t i = 0; i < sums->publishers_count; i++) {
        load_publisher_t *p = &sums->publishers[i];
        t.sent += p->sent;
        t.acked += atomic_load(&p->acked);
        t.acked_measured += atomic_load(&p->acked_measured);
        t.ran_out |= p->sent == load_options.count_max;
        hist_merge(&t.acked_hist, &p->acked_hist);
    }
    for (size_t i = 0; i < sums->subscribers_count; i++) {
        load_subscriber_t *s = &sums->subscribers[i];
        t.got_measured += atomic_load(&s->got_measured);
        t.missing += t.sent - atomic_load(&s->got);
        t.doubled += s->doubled;
        t.reordered += s->reordered;
        hist_merge(&t.got_hist, &s->got_hist);
    }
    return t;
}

static void print_options(void)
{
    const load_options_t *o = &load_options;
    printf("{\"system\":\"%s\",\"mode\":\"%s\",\"publishers\":%zu,\"subscribers\":%zu,"
           "\"window\":%zu,\"bytes\":%zu,\"batch\":%zu,\"rate\":%.0f,\"lag_s\":%.1f,",
           o->system, o->mode, o->publishers, o->subscribers, o->window, o->bytes, o->batch,
           o->rate, o->lag_s);
}

int load_line_print(const load_sums_t *sums)
{
    static totals_t t;
    t = add_up(sums);
    double delivered = (double)t.sent - (double)t.missing / (double)sums->subscribers_count;
    double each = t.sent ? 1e5 / (double)t.sent : 0;
    print_options();
    printf("\"measured_s\":%.2f,\"drain_s\":%.2f,\"sent\":%" PRIu64 ",\"acked\":%" PRIu64
           ",\"missing\":%" PRIu64 ",\"doubled\":%" PRIu64 ",\"reordered\":%" PRIu64
           ",\"ran_out\":%s,",
           sums->measured_s, sums->drain_s, t.sent, t.acked, t.missing, t.doubled, t.reordered,
           t.ran_out ? "true" : "false");
    printf("\"per_s\":%.0f,\"acked_per_s\":%.0f,\"delivered_per_s\":%.0f,", delivered / sums->all_s,
           (double)t.acked_measured / sums->measured_s,
           (double)t.got_measured / sums->measured_s / (double)sums->subscribers_count);
    printf("\"acked_p50_us\":%.0f,\"acked_p99_us\":%.0f,\"delivered_p50_us\":%.0f,"
           "\"delivered_p99_us\":%.0f,",
           hist_quantile_us(&t.acked_hist, .5), hist_quantile_us(&t.acked_hist, .99),
           hist_quantile_us(&t.got_hist, .5), hist_quantile_us(&t.got_hist, .99));
    printf("\"server_anon_mib\":%.1f,\"server_anon_mib_lag\":%.1f,\"server_cpu_s_100k\":%.2f,"
           "\"client_cpu_s_100k\":%.2f,\"disk_mib\":%.0f,\"flushes\":%.0f}\n",
           sums->anon_mib_max, sums->anon_mib_lag, sums->server_cpu_s * each,
           sums->client_cpu_s * each, sums->disk.written_mib, sums->disk.flushes);
    (void)fflush(stdout);
    return t.missing || t.doubled || t.reordered || t.acked != t.sent ? 1 : 0;
}
