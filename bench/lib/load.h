/* One workload for every system: publishers with a window of what is not acknowledged, subscribers
 * that each receive and acknowledge every message. A system implements load_system_t; load.c owns
 * the clock, the window and the counting; load_line.c says it as one line of JSON.
 *
 * One thread a publisher and a subscriber, and main's. A publisher's messages are numbered from 0;
 * what is missing, doubled or out of order is counted for each subscriber. */
#pragma once

#include "bench/lib/hist.h"
#include "bench/lib/probe.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_PUBLISHERS_MAX  16u
#define LOAD_SUBSCRIBERS_MAX 64u
#define LOAD_WINDOW_MAX      4096u
#define LOAD_PIDS_MAX        8u

typedef struct load_options {
    const char *system, *mode; /* for the line; mode: "peak" … */
    const char *folder;        /* what the system needs: keys, configuration */
    const char *device;        /* whose flushes are counted */
    size_t publishers, subscribers, window;
    size_t bytes;       /* of a message */
    size_t batch;       /* messages signed together, where messages are signed */
    uint64_t count_max; /* of messages one publisher sends */
    double rate;        /* a second, all publishers together; 0: as fast as the window lets */
    double warm_s, measured_s, drain_s;
    double lag_s; /* the last subscriber takes nothing for so long after the start */
    unsigned port;
    size_t pids_count;
    pid_t pids[LOAD_PIDS_MAX]; /* the server's */
} load_options_t;

extern load_options_t load_options;

typedef struct load_publisher {
    size_t index;
    uint64_t sent; /* also the next message's number */
    _Atomic uint64_t acked, acked_measured;
    _Atomic uint64_t *sent_ns; /* of each message; paced ones count from when they were due */
    hist_t acked_hist;
    void *own; /* the system's */
} load_publisher_t;

typedef struct load_subscriber {
    size_t index;
    _Atomic uint64_t got, got_measured;
    uint64_t doubled, reordered;
    uint64_t next[LOAD_PUBLISHERS_MAX];
    uint8_t *seen[LOAD_PUBLISHERS_MAX]; /* one bit a message */
    hist_t got_hist;
    void *own;
} load_subscriber_t;

typedef struct load_system {
    void (*setup)(void); /* once, before any thread; may be NULL */
    void (*publisher_open)(load_publisher_t *p);
    bool (*publisher_ready)(load_publisher_t *p); /* may it send now? NULL: always */
    void (*publisher_send)(load_publisher_t *p);  /* message p->sent; may only queue it */
    /* Sends what is queued, takes acknowledgements; waits for one at most so long. */
    void (*publisher_pump)(load_publisher_t *p, long wait_us);
    void (*publisher_close)(load_publisher_t *p);
    void (*subscriber_open)(load_subscriber_t *s);
    /* Takes deliveries, waits for one at most so long, and acknowledges them. */
    void (*subscriber_pump)(load_subscriber_t *s, long wait_us);
    void (*subscriber_close)(load_subscriber_t *s);
} load_system_t;

/* Reads the command line, runs the workload and prints the line. The process's exit status. */
int load_main(int argc, char **argv, const load_system_t *system);

/* The part of load_main after the command line. */
int load_run(const load_system_t *system);

/* ---- what a system calls ---- */

void load_acked(load_publisher_t *p, uint64_t number);
void load_got(load_subscriber_t *s, size_t publisher, uint64_t number);
/* A message of load_options.bytes that says whose and which it is, for systems that carry any
 * bytes. */
void load_message_write(const load_publisher_t *p, uint8_t *ret_message);
void load_message_got(load_subscriber_t *s, const void *message, size_t size);
/* Is fd readable (or, so asked, writable)? Waits at most so long. */
bool load_wait_fd(int fd, bool writable, long wait_us);
void *load_new(size_t size); /* zeroed; never NULL */
_Noreturn void load_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- load_line.c ---- */

typedef struct load_sums {
    double measured_s, drain_s, all_s; /* all: from the start to the last delivery */
    double server_cpu_s, client_cpu_s, anon_mib_max;
    double anon_mib_lag; /* while the last subscriber took nothing; 0: it did not lag */
    probe_disk_t disk;
    size_t publishers_count, subscribers_count;
    load_publisher_t *publishers;
    load_subscriber_t *subscribers;
} load_sums_t;
/* 0, or 1 when something went missing, came twice or out of order. */
int load_line_print(const load_sums_t *sums);
