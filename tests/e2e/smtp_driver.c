/* io/smtp by hand, for end-to-end tests: what to do comes on standard input (so that no password is
 * an argument), a line each: `url`, `helo`, `ca`, `user`, `password`, `timeout` with their value,
 * then `send FROM TO FILE` (FROM `-`: nobody), the ticket being its number. Then it prints what
 * came of each: `TICKET OUTCOME CODE WHY`. */
#include "base/arena.h"
#include "io/smtp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 60000

static const char *const words[] = {
    [SMTP_SENT] = "sent", [SMTP_REFUSED] = "refused", [SMTP_LATER] = "later"};

static kith_bytes_t mapped(const char *path)
{
    struct stat at;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    KITH_ASSERT(fd >= 0 && fstat(fd, &at) == 0);
    const void *data = mmap(NULL, (size_t)at.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    KITH_ASSERT(data != MAP_FAILED);
    close(fd);
    return (kith_bytes_t){data, (size_t)at.st_size};
}

static void print_next(smtp_t *smtp)
{
    smtp_done_t done;
    while (!smtp_next(smtp, &done))
        KITH_ASSERT(smtp_wait(smtp, NULL, 0, WAIT_MS) == KITH_OK);
    (void)printf("%llu %s %ld %s\n", (unsigned long long)done.ticket, words[done.outcome],
                 done.code, done.why);
}

static void set(smtp_options_t *o, const char *name, const char *value, kith_arena_t *arena)
{
    const char **place = strcmp(name, "url") == 0        ? &o->url
                         : strcmp(name, "helo") == 0     ? &o->helo
                         : strcmp(name, "ca") == 0       ? &o->ca
                         : strcmp(name, "user") == 0     ? &o->user
                         : strcmp(name, "password") == 0 ? &o->password
                                                         : NULL;
    if (place != NULL)
        *place = kith_arena_str(arena, value);
    else
        o->timeout_ms = strtoll(value, NULL, 10);
}

static kith_err send_one(smtp_t *smtp, uint64_t ticket, char *rest)
{
    char *from = strsep(&rest, " "), *to = strsep(&rest, " ");
    KITH_ASSERT(to != NULL && rest != NULL);
    return smtp_send(smtp, ticket, strcmp(from, "-") == 0 ? "" : from, to, mapped(rest));
}

int main(void)
{
    smtp_options_t options = {0};
    smtp_t *smtp = NULL;
    kith_arena_t *arena = kith_arena_new(16384);
    char line[4096];
    uint64_t tickets = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = line;
        const char *word = strsep(&rest, " ");
        KITH_ASSERT(rest != NULL);
        kith_err err = KITH_OK;
        if (strcmp(word, "send") != 0)
            set(&options, word, rest, arena);
        else if (smtp == NULL)
            err = smtp_open(&options, &smtp);
        if (err == KITH_OK && strcmp(word, "send") == 0)
            err = send_one(smtp, ++tickets, rest);
        if (err != KITH_OK) {
            (void)fprintf(stderr, "%s\n", kith_err_text(err));
            return kith_err_exit(err);
        }
    }
    for (uint64_t i = 0; i < tickets; i++)
        print_next(smtp);
    smtp_close(&smtp);
    kith_arena_destroy(&arena);
    return 0;
}
