/* kith-check: judges what a run has left. See --help and judge.h. */
#include "tests/check/dump.h"
#include "tests/check/history.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_FOUND = 1, EXIT_ASKED_WRONG = 64, EXIT_UNREADABLE = 65 };

static const char help[] =
    "Usage: kith-check [OPTION …]\n"
    "\n"
    "Judges what a run of Kith has left: clients' histories, and the stores of processes that "
    "have\n"
    "ended. It shares nothing with the product but proto/. Each violation is printed with the\n"
    "invariant (docs/RELIABILITY.md), the ids and the shortest story of it.\n"
    "\n"
    "  --history FILE       JSON lines (tests/check/history.h); may be given several times\n"
    "  --agent NAME=FOLDER  an agency's store\n"
    "  --broker NAME=FOLDER a broker's store\n"
    "  --away NAME          this agency is still down: what is owed to it may wait\n"
    "  --quota N            the most envelopes that one mailbox lane may hold\n"
    "  --within SECONDS     from `healed` to `settled` in a history (60)\n"
    "  --same FOLDER=FOLDER two stores must hold the same, `meta` aside (I14)\n"
    "  --canary TEXT        this text must stand in no file named by --dark (I6)\n"
    "  --dark FILE          a file that must hold no canary: a broker's data.mdb, a log\n"
    "  --json               one object a violation, and one with the counts\n"
    "  --help\n"
    "\n"
    "Exit status: 0 all hold, 1 violations, 64 asked wrongly, 65 something cannot be read.\n"
    "\n"
    "Example:\n"
    "  kith-check --history history.jsonl --agent police=store/police \\\n"
    "             --agent housing=store/housing --broker hub-a=store/hub-a\n";

typedef struct options {
    judge_t *judge;
    bool json;
    const char *canary;
    size_t violations;
} options_t;

static void tell(void *ctx, const char *invariant, const char *what, const char *story)
{
    const options_t *options = ctx;
    if (!options->json) {
        (void)printf("%s %s\n%s", invariant, what, story);
        return;
    }
    json_t *line =
        json_pack("{s:s, s:s, s:s}", "invariant", invariant, "what", what, "story", story);
    char *text = json_dumps(line, JSON_COMPACT);
    (void)puts(text);
    free(text);
    json_decref(line);
}

static void say_counts(const options_t *options)
{
    judge_counts_t c;
    judge_counts(options->judge, &c);
    (void)printf(options->json
                     ? "{\"agents\":%zu,\"brokers\":%zu,\"events\":%zu,\"answers\":%zu,"
                       "\"notices\":%zu,\"debts\":%zu,\"applied\":%zu,\"taken\":%zu,\"feed\":%zu,"
                       "\"violations\":%zu}\n"
                     : "judged: %zu agents, %zu brokers, %zu events with %zu answers, %zu notices, "
                       "%zu debts, %zu applied, %zu numbers, %zu feed rows: %zu violations\n",
                 c.agents, c.brokers, c.events, c.answers, c.notices, c.debts, c.applied, c.taken,
                 c.feed, options->violations);
}

/* ---- options with a value ---- */

static int fail(const char *why)
{
    (void)fprintf(stderr, "kith-check: %s\n", why);
    return EXIT_UNREADABLE;
}

static int ask_wrong(const char *option, const char *value)
{
    (void)fprintf(stderr, "kith-check: --%s %s: see --help for what it takes\n", option, value);
    return EXIT_ASKED_WRONG;
}

static int read_store(options_t *options, dump_owner owner, char *value)
{
    char why[512] = "";
    char *folder = strchr(value, '=');
    if (!folder || folder == value)
        return ask_wrong(owner == DUMP_AGENT ? "agent" : "broker", value);
    *folder++ = '\0';
    return dump_read(options->judge, owner, value, folder, why, sizeof why) ? 0 : fail(why);
}

static int compare(options_t *options, char *value)
{
    char why[512] = "";
    char *other = strchr(value, '=');
    uint64_t a = 0, b = 0;
    if (!other || other == value)
        return ask_wrong("same", value);
    *other++ = '\0';
    if (!dump_digest(value, &a, why, sizeof why) || !dump_digest(other, &b, why, sizeof why))
        return fail(why);
    if (a == b)
        return 0;
    (void)snprintf(why, sizeof why, "%.200s and %.200s do not hold the same", value, other);
    tell(options, "I14", why, "");
    options->violations++;
    return 0;
}

/* The whole file; NULL: it cannot be read. */
static char *read_whole(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    FILE *whole = file ? open_memstream(&text, &size) : NULL;
    char part[65536];
    for (size_t got; whole && (got = fread(part, 1, sizeof part, file)) > 0;)
        (void)fwrite(part, 1, got, whole);
    bool good = file && !ferror(file) && whole;
    if (whole)
        (void)fclose(whole);
    if (file)
        (void)fclose(file);
    if (!good) {
        free(text);
        return NULL;
    }
    *ret_size = size;
    return text;
}

static int look_dark(options_t *options, const char *path)
{
    char why[512] = "";
    size_t size = 0;
    if (!options->canary || !*options->canary)
        return ask_wrong("dark", "before --canary");
    char *text = read_whole(path, &size);
    if (!text) {
        (void)snprintf(why, sizeof why, "%.400s: cannot be read", path);
        return fail(why);
    }
    if (memmem(text, size, options->canary, strlen(options->canary))) {
        (void)snprintf(why, sizeof why, "%.400s holds what only the agencies may read", path);
        tell(options, "I6", why, "");
        options->violations++;
    }
    free(text);
    return 0;
}

static int read_history(options_t *options, const char *path)
{
    char why[512] = "";
    return history_read(options->judge, path, why, sizeof why) ? 0 : fail(why);
}

static int read_number(const char *option, const char *value, uint64_t *ret_number)
{
    char *end = NULL;
    *ret_number = strtoull(value, &end, 10);
    return *value < '0' || *value > '9' || *end ? ask_wrong(option, value) : 0;
}

enum { HISTORY, AGENT, BROKER, AWAY, QUOTA, WITHIN, SAME, CANARY, DARK, JSON, HELP };

static int take(options_t *options, int option, char *value)
{
    uint64_t number = 0;
    int status = 0;
    switch (option) {
    case HISTORY:
        return read_history(options, value);
    case AGENT:
        return read_store(options, DUMP_AGENT, value);
    case BROKER:
        return read_store(options, DUMP_BROKER, value);
    case AWAY:
        judge_away(options->judge, value);
        return 0;
    case QUOTA:
        status = read_number("quota", value, &number);
        judge_quota(options->judge, number);
        return status;
    case WITHIN:
        status = read_number("within", value, &number);
        judge_settle_max(options->judge, (int64_t)number * 1000);
        return status;
    case SAME:
        return compare(options, value);
    case CANARY:
        options->canary = value;
        return 0;
    case DARK:
        return look_dark(options, value);
    case JSON:
        return 0;
    case HELP:
        (void)fputs(help, stdout);
        exit(0);
    default:
        return EXIT_ASKED_WRONG; /* getopt has said why */
    }
}

int main(int argc, char **argv)
{
    static const struct option known[] = {{"history", required_argument, NULL, HISTORY},
                                          {"agent", required_argument, NULL, AGENT},
                                          {"broker", required_argument, NULL, BROKER},
                                          {"away", required_argument, NULL, AWAY},
                                          {"quota", required_argument, NULL, QUOTA},
                                          {"within", required_argument, NULL, WITHIN},
                                          {"same", required_argument, NULL, SAME},
                                          {"canary", required_argument, NULL, CANARY},
                                          {"dark", required_argument, NULL, DARK},
                                          {"json", no_argument, NULL, JSON},
                                          {"help", no_argument, NULL, HELP},
                                          {0}};
    options_t options = {.judge = judge_new()};
    for (int i = 1; i < argc; i++) /* what is found while reading is told in its form, too */
        options.json |= strcmp(argv[i], "--json") == 0;
    int option = 0, status = argc > 1 ? 0 : ask_wrong("history", "");
    while (status == 0 && (option = getopt_long(argc, argv, "", known, NULL)) != -1)
        status = take(&options, option, optarg);
    if (status == 0 && optind < argc)
        status = ask_wrong("history", argv[optind]);
    if (status == 0) {
        options.violations += judge_end(options.judge, tell, &options);
        say_counts(&options);
        status = options.violations ? EXIT_FOUND : 0;
    }
    judge_destroy(&options.judge);
    return status;
}
