#include "bench/lib/probe.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define TEXT_BYTES 4096

uint64_t probe_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void probe_pause_ms(int ms)
{
    (void)poll(NULL, 0, ms);
}

static void read_text(const char *path, char ret_text[TEXT_BYTES])
{
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(ret_text, 1, TEXT_BYTES - 1, file) : 0;
    ret_text[size] = 0;
    if (file)
        (void)fclose(file);
}

/* The word of this number, from 0. "" when there are fewer. */
static const char *word_at(const char *text, unsigned number)
{
    text += strspn(text, " \n");
    for (; number > 0; number--) {
        text += strcspn(text, " \n");
        text += strspn(text, " \n");
    }
    return text;
}

static uint64_t number_at(const char *text, unsigned word)
{
    return strtoull(word_at(text, word), NULL, 10);
}

/* /proc/PID/stat behind the program's name: utime and stime are its words 11 and 12. */
static double cpu_s(pid_t pid)
{
    char path[64], text[TEXT_BYTES];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    read_text(path, text);
    const char *rest = strrchr(text, ')');
    if (!rest)
        return 0;
    return (double)(number_at(rest + 1, 11) + number_at(rest + 1, 12)) /
           (double)sysconf(_SC_CLK_TCK);
}

static double anon_mib(pid_t pid)
{
    char path[64], text[TEXT_BYTES];
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    read_text(path, text);
    const char *line = strstr(text, "\nRssAnon:");
    return line ? (double)number_at(line + 1, 1) / 1024 : 0;
}

probe_use_t probe_processes(const pid_t *pids, size_t count)
{
    probe_use_t use = {0};
    for (size_t i = 0; i < count; i++) {
        use.cpu_s += cpu_s(pids[i]);
        use.anon_mib += anon_mib(pids[i]);
    }
    return use;
}

double probe_own_cpu_s(void)
{
    struct rusage use;
    (void)getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

probe_disk_t probe_device(const char *device)
{
    char path[128], text[TEXT_BYTES];
    (void)snprintf(path, sizeof path, "/sys/block/%s/stat", device);
    read_text(path, text);
    return (probe_disk_t){.written_mib = (double)number_at(text, 6) / 2048,
                          .flushes = (double)number_at(text, 15)};
}
