/* What the kernel says of processes and of the disk. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

uint64_t probe_now_ns(void);
/* Waits; a signal may end it early. */
void probe_pause_ms(int ms);

typedef struct probe_use {
    double cpu_s;
    double anon_mib; /* RssAnon: not the pages of a mapped file, which are the kernel's */
} probe_use_t;

/* Of all these together. One that is gone counts for nothing. */
probe_use_t probe_processes(const pid_t *pids, size_t count);
double probe_own_cpu_s(void);

typedef struct probe_disk {
    double written_mib;
    double flushes;
} probe_disk_t;

/* Of the whole device (a name in /sys/block); zeros when there is none such. */
probe_disk_t probe_device(const char *device);
