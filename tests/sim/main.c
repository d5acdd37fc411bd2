/* kith-sim: whole partnerships of the shipped cores under faults, by seed. */
#include "tests/sim/chance.h"
#include "tests/sim/sim.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX     64u
#define FAILURES_MAX 20u /* printed in full by each job */

static const char help[] =
    "Usage: kith-sim [--seed S | --seeds FROM..TO | --campaign COUNT] [OPTION ...]\n"
    "\n"
    "Plays schedules of faults on whole partnerships: the cores that ship, stores in memory, "
    "links\n"
    "as queues, time as a number. A schedule comes from its seed alone; after its faults "
    "everything\n"
    "is mended, and within a minute of simulated time the promise must hold for every notice.\n"
    "\n"
    "  --seed S          one schedule (1)\n"
    "  --seeds FROM..TO  all of these\n"
    "  --replay FILE     those of a file, one a line: seed, steps, words\n"
    "  --campaign COUNT  seeds from --seed on, on all processors; fails when a fault never met a\n"
    "                    state that it can meet\n"
    "  --steps N         actions of a schedule, at least (400)\n"
    "  --time SECONDS    begin no schedule after this long\n"
    "  --jobs N          processes of a campaign (one a processor)\n"
    "  --bug N           with bug N of tests/planted/bugs.tsv planted in the cores\n"
    "  --hunt            end with the first seed that fails, and with 0 when one did\n"
    "  --keep LIST       play only these actions, e.g. 3,17,90-92\n"
    "  --judge WHO       record (kith_judge alone), world (the world's own rules alone); both\n"
    "  --real-crypto     seal and sign as what ships does; else one seed in 100 does\n"
    "  --twice           play each seed twice: the traces must be equal\n"
    "  --trace           print what happens (one seed)\n"
    "  --coverage        print how often each fault met each state\n"
    "  --json            print the sum as one line of JSON\n"
    "\n"
    "Ends with 0 when every schedule kept the promise, with 1 when one did not: then it says how "
    "to\n"
    "play it again, and which few of its actions are enough.\n"
    "\n"
    "Example: kith-sim --seeds 1..5000 --coverage\n";

typedef struct options {
    uint64_t from, to;
    size_t steps, jobs;
    double seconds;
    const char *keep, *replay, *judge;
    const char *bug; /* a number; NULL: what ships */
    bool campaign, twice, trace, coverage, json, real_crypto, hunt;
} options_t;

/* What one process found. */
typedef struct sum {
    sim_cover_t cover;
    uint64_t failed, first_failed;
} sum_t;

static void take_options_of(const options_t *o, sim_plan_t *plan)
{
    plan->real_crypto |= o->real_crypto;
    plan->judged_by_record = strcmp(o->judge, "world") != 0;
    plan->judged_by_world = strcmp(o->judge, "record") != 0;
}

/* ---- failures ---- */

static void print_kept(const bool *keep, size_t count, FILE *to)
{
    const char *comma = "";
    for (size_t i = 0; i < count; i++) {
        size_t end = i;
        if (!keep[i])
            continue;
        while (end + 1 < count && keep[end + 1])
            end++;
        (void)fprintf(to, end > i ? "%s%zu-%zu" : "%s%zu", comma, i, end);
        comma = ",";
        i = end;
    }
}

static void print_command(const options_t *o, uint64_t seed, FILE *to)
{
    (void)fprintf(to, "kith-sim --seed %llu --steps %zu%s%s", (unsigned long long)seed, o->steps,
                  o->bug ? " --bug " : "", o->bug ? o->bug : "");
    if (o->real_crypto)
        (void)fputs(" --real-crypto", to);
}

static void print_actions(const sim_plan_t *plan, const bool *keep, FILE *to)
{
    for (size_t i = 0; i < plan->count; i++)
        if (keep[i])
            (void)fprintf(to, "  %4zu  %-22s agent %zu, broker %zu, %llu\n", i,
                          sim_word(plan->actions[i].act), plan->actions[i].agent,
                          plan->actions[i].broker, (unsigned long long)plan->actions[i].arg);
}

static void print_short(const options_t *o, uint64_t seed)
{
    sim_plan_t plan;
    plan_draw(seed, o->steps, &plan);
    take_options_of(o, &plan);
    bool *keep = malloc(plan.count + 1);
    KITH_ASSERT(keep);
    memset(keep, true, plan.count + 1);
    sim_shrink(&plan, keep);
    (void)fputs("These of its actions are enough:\n", stdout);
    print_actions(&plan, keep, stdout);
    print_command(o, seed, stdout);
    (void)fputs(" --trace --keep ", stdout);
    print_kept(keep, plan.count, stdout);
    (void)fputc('\n', stdout);
    free(keep);
    plan_free(&plan);
}

/* ---- one seed ---- */

static bool parse_keep(const char *text, bool *keep, size_t count)
{
    memset(keep, 0, count);
    while (*text) {
        char *end = NULL;
        unsigned long from = strtoul(text, &end, 10), to = from;
        if (end == text)
            return false;
        if (*end == '-')
            to = strtoul(end + 1, &end, 10);
        for (unsigned long i = from; i <= to && i < count; i++)
            keep[i] = true;
        if (*end && *end != ',')
            return false;
        text = *end ? end + 1 : end;
    }
    return true;
}

static void play_seed(const options_t *o, uint64_t seed, sim_cover_t *cover,
                      sim_result_t *ret_result)
{
    sim_plan_t plan;
    plan_draw(seed, o->steps, &plan);
    take_options_of(o, &plan);
    bool *keep = NULL;
    if (o->keep) {
        keep = calloc(plan.count + 1, sizeof *keep);
        KITH_ASSERT(keep);
        if (!parse_keep(o->keep, keep, plan.count)) {
            (void)fputs("kith-sim: --keep: give numbers of actions, e.g. 3,17,90-92\n", stderr);
            exit(EX_USAGE);
        }
    }
    sim_play(&plan, keep, o->trace ? stdout : NULL, cover, ret_result);
    if (o->twice && !ret_result->wrong[0]) {
        sim_cover_t unused = {0};
        sim_result_t again;
        sim_play(&plan, keep, NULL, &unused, &again);
        if (again.trace != ret_result->trace)
            (void)snprintf(ret_result->wrong, sizeof ret_result->wrong,
                           "the same seed gave another trace");
    }
    free(keep);
    plan_free(&plan);
}

/* ---- many ---- */

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* For the handler: which schedule a bug ended. Written before each. */
static volatile uint64_t
    seed_now; /* lint: allow mutable-global, because a signal handler reads it */

static void on_abort(int number)
{
    char text[] = "kith-sim: the process ended by a bug in seed 00000000000000000000\n";
    uint64_t seed = seed_now;
    for (size_t i = sizeof text - 3; text[i] == '0'; i--, seed /= 10)
        text[i] = (char)('0' + seed % 10);
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    (void)raise(number); /* by default now: SA_RESETHAND */
}

static void watch_for_bugs(void)
{
    struct sigaction action = {.sa_handler = on_abort, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGABRT, &action, NULL);
    (void)sigaction(SIGSEGV, &action, NULL);
}

static void play_all(const options_t *o, uint64_t first, uint64_t stride, double end, sum_t *sum)
{
    for (uint64_t seed = first; seed <= o->to; seed += stride) {
        sim_result_t result;
        if (o->seconds > 0 && seconds_now() > end)
            break;
        seed_now = seed;
        play_seed(o, seed, &sum->cover, &result);
        if (!result.wrong[0])
            continue;
        if (!sum->failed++)
            sum->first_failed = seed;
        if (sum->failed > FAILURES_MAX)
            continue;
        if (o->hunt) {
            (void)printf("%llu %s\n", (unsigned long long)seed, result.wrong);
            return;
        }
        (void)printf("seed %llu: %s\n  ", (unsigned long long)seed, result.wrong);
        print_command(o, seed, stdout);
        (void)fputc('\n', stdout);
        (void)fflush(stdout);
    }
}

static void play_file(options_t *o, double end, sum_t *sum)
{
    char line[256];
    FILE *file = fopen(o->replay, "r");
    bool good = file != NULL;
    while (file && good && fgets(line, sizeof line, file)) {
        char *rest = NULL;
        if (line[0] == '#')
            continue;
        o->from = o->to = strtoull(line, &rest, 10);
        good = rest > line;
        o->steps = good ? strtoul(rest, &rest, 10) : 0;
        good = o->steps > 0;
        if (good && !sum->failed)
            play_all(o, o->from, 1, end, sum);
    }
    if (file)
        (void)fclose(file);
    if (!good) {
        (void)fprintf(stderr, "kith-sim: --replay: %s: each line says seed and steps\n", o->replay);
        exit(EX_NOINPUT);
    }
}

static void add_sum(sum_t *sum, const sum_t *more)
{
    for (size_t i = 0; i < SIM_FAULTS_COUNT; i++)
        for (size_t j = 0; j < SIM_STATES_COUNT; j++)
            sum->cover.hits[i][j] += more->cover.hits[i][j];
    sum->cover.faults += more->cover.faults;
    sum->cover.refused += more->cover.refused;
    sum->cover.submits += more->cover.submits;
    sum->cover.events += more->cover.events;
    sum->cover.schedules += more->cover.schedules;
    if (more->failed && !sum->failed)
        sum->first_failed = more->first_failed;
    sum->failed += more->failed;
}

/* In processes of their own, each with every jobs-th seed. */
static bool play_in_jobs(const options_t *o, double end, sum_t *sum)
{
    int pipes[JOBS_MAX][2];
    bool all = true;
    for (size_t i = 0; i < o->jobs; i++) {
        KITH_ASSERT(pipe(pipes[i]) == 0);
        pid_t child = fork();
        KITH_ASSERT(child >= 0);
        if (child == 0) {
            sum_t own = {0};
            play_all(o, o->from + i, o->jobs, end, &own);
            (void)fflush(stdout);
            _exit(write(pipes[i][1], &own, sizeof own) == (ssize_t)sizeof own ? 0 : EX_OSERR);
        }
        (void)close(pipes[i][1]);
    }
    for (size_t i = 0; i < o->jobs; i++) {
        sum_t own;
        size_t got = 0;
        ssize_t n = 0;
        while (got < sizeof own &&
               (n = read(pipes[i][0], (char *)&own + got, sizeof own - got)) > 0)
            got += (size_t)n;
        if (got == sizeof own)
            add_sum(sum, &own);
        else
            all = false;
    }
    while (wait(NULL) > 0) {
    }
    return all;
}

/* ---- options ---- */

static bool number(const char *text, uint64_t *ret)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *end)
        return false;
    *ret = value;
    return true;
}

static bool range(const char *text, uint64_t *ret_from, uint64_t *ret_to)
{
    char from[32];
    const char *dots = strstr(text, "..");
    if (!dots || (size_t)(dots - text) >= sizeof from)
        return false;
    memcpy(from, text, (size_t)(dots - text));
    from[dots - text] = '\0';
    return number(from, ret_from) && number(dots + 2, ret_to) && *ret_from <= *ret_to;
}

static _Noreturn void refuse(const char *option, const char *wanted)
{
    (void)fprintf(stderr, "kith-sim: --%s: give %s; see kith-sim --help\n", option, wanted);
    exit(EX_USAGE);
}

static uint64_t need_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
    uint64_t value = 0;
    if (!number(text, &value) || value < min || value > max)
        refuse(option, "a number in its range");
    return value;
}

static const struct option long_options[] = {
    {"seed", required_argument, NULL, 's'},     {"seeds", required_argument, NULL, 'S'},
    {"campaign", required_argument, NULL, 'c'}, {"steps", required_argument, NULL, 'n'},
    {"time", required_argument, NULL, 't'},     {"jobs", required_argument, NULL, 'j'},
    {"keep", required_argument, NULL, 'k'},     {"bug", required_argument, NULL, 'b'},
    {"twice", no_argument, NULL, '2'},          {"replay", required_argument, NULL, 'R'},
    {"judge", required_argument, NULL, 'w'},    {"real-crypto", no_argument, NULL, 'r'},
    {"trace", no_argument, NULL, 'T'},          {"coverage", no_argument, NULL, 'C'},
    {"json", no_argument, NULL, 'J'},           {"hunt", no_argument, NULL, 'H'},
    {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
};

static void take_option(options_t *o, int option, const char *text, uint64_t *ret_count)
{
    switch (option) {
    case 's':
        o->from = o->to = need_number("seed", text, 0, UINT64_MAX / 2);
        break;
    case 'S':
        if (!range(text, &o->from, &o->to))
            refuse("seeds", "two numbers, e.g. 1..5000");
        break;
    case 'c':
        o->campaign = true;
        *ret_count = need_number("campaign", text, 1, UINT64_MAX / 4);
        break;
    case 'n':
        o->steps = need_number("steps", text, 1, 1000000);
        break;
    case 't':
        o->seconds = (double)need_number("time", text, 1, 1000000);
        break;
    case 'j':
        o->jobs = need_number("jobs", text, 1, JOBS_MAX);
        break;
    case 'b':
        (void)need_number("bug", text, 1, 999);
        o->bug = text;
        break;
    case 'k':
        o->keep = text;
        break;
    case 'R':
        o->replay = text;
        break;
    case 'w':
        if (strcmp(text, "record") != 0 && strcmp(text, "world") != 0 && strcmp(text, "both") != 0)
            refuse("judge", "record, world or both");
        o->judge = text;
        break;
    case 'r':
        o->real_crypto = true;
        break;
    case '2':
        o->twice = true;
        break;
    case 'T':
        o->trace = true;
        break;
    case 'C':
        o->coverage = true;
        break;
    case 'J':
        o->json = true;
        break;
    case 'H':
        o->hunt = true;
        break;
    case 'h':
        (void)fputs(help, stdout);
        exit(0);
    default: /* lint: allow default, because getopt has said what is wrong */
        (void)fputs("See kith-sim --help.\n", stderr);
        exit(EX_USAGE);
    }
}

static options_t take_options(int argc, char **argv)
{
    options_t o = {.from = 1, .to = 1, .steps = SIM_STEPS_DEFAULT, .jobs = 1, .judge = "both"};
    uint64_t count = 0;
    int option = 0;
    bool jobs = false;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        jobs |= option == 'j';
        take_option(&o, option, optarg, &count);
    }
    if (optind < argc) {
        (void)fprintf(stderr, "kith-sim: %s is no option; see kith-sim --help\n", argv[optind]);
        exit(EX_USAGE);
    }
    if (o.campaign) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        o.to = o.from + count - 1;
        if (!jobs && processors > 1)
            o.jobs = (size_t)processors < JOBS_MAX ? (size_t)processors : JOBS_MAX;
    }
    return o;
}

/* Of this process and its jobs. */
static double processor_seconds(void)
{
    struct rusage own, jobs;
    (void)getrusage(RUSAGE_SELF, &own);
    (void)getrusage(RUSAGE_CHILDREN, &jobs);
    return (double)(own.ru_utime.tv_sec + jobs.ru_utime.tv_sec + own.ru_stime.tv_sec +
                    jobs.ru_stime.tv_sec) +
           (double)(own.ru_utime.tv_usec + jobs.ru_utime.tv_usec + own.ru_stime.tv_usec +
                    jobs.ru_stime.tv_usec) /
               1e6;
}

static void print_sum(const options_t *o, const sum_t *sum, double seconds)
{
    double used = processor_seconds();
    const sim_cover_t *c = &sum->cover;
    double each = c->schedules ? (double)c->schedules : 1;
    const char *form =
        o->json ? "{\"schedules\":%llu,\"failed\":%llu,\"seconds\":%.1f,"
                  "\"per_processor_second\":%.1f,\"submits_each\":%.0f,\"refused_each\":%.0f,"
                  "\"faults_each\":%.0f,\"events_each\":%.0f,\"pairs_never_met\":%zu}\n"
                : "%llu schedules, %llu failed, in %.1f s (%.1f a processor and second); each "
                  "about %.0f submits (and %.0f refused), %.0f faults, %.0f events; fault-state "
                  "pairs never met: %zu\n";
    (void)printf(form, (unsigned long long)c->schedules, (unsigned long long)sum->failed, seconds,
                 (double)c->schedules / (used > 0 ? used : 1), (double)c->submits / each,
                 (double)c->refused / each, (double)c->faults / each, (double)c->events / each,
                 cover_missing(c, NULL));
}

/* The bugs are in a program of their own beside this one; it asks the environment which. */
static void become_planted(const char *bug, char **argv)
{
    char path[4096];
    const char *now = getenv("KITH_PLANTED_BUG");
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - sizeof "-planted");
    if (now && strcmp(now, bug) == 0)
        return;
    if (size > 0) {
        memcpy(path + size, "-planted", sizeof "-planted");
        (void)setenv("KITH_PLANTED_BUG", bug, 1);
        (void)execv(path, argv);
    }
    (void)fputs("kith-sim: --bug: kith-sim-planted must stand beside it: build that target\n",
                stderr);
    exit(EX_UNAVAILABLE);
}

int main(int argc, char **argv)
{
    options_t o = take_options(argc, argv);
    if (o.bug)
        become_planted(o.bug, argv);
    sum_t sum = {0};
    double begin = seconds_now();
    bool all = true;
    watch_for_bugs();
    if (!chance_begin())
        return EX_OSERR;
    if (o.replay)
        play_file(&o, begin + o.seconds, &sum);
    else if (o.jobs > 1)
        all = play_in_jobs(&o, begin + o.seconds, &sum);
    else
        play_all(&o, o.from, 1, begin + o.seconds, &sum);
    if (o.hunt)
        return sum.failed ? 0 : 1;
    if (sum.failed && !o.keep)
        print_short(&o, sum.first_failed);
    if (o.coverage)
        cover_print(&sum.cover, stdout);
    print_sum(&o, &sum, seconds_now() - begin);
    bool blind = o.campaign && cover_missing(&sum.cover, stdout) > 0;
    return sum.failed || blind || !all ? 1 : 0;
}
