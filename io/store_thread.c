#include "io/store_thread.h"

#include "base/err.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

typedef enum job { JOB_BEGIN, JOB_COMMIT, JOB_ABORT, JOB_END } job_t;

struct store_thread {
    MDB_env *env;
    pthread_t thread;
    sem_t asked, done; /* what stands below is the thread's from one to the other */
    job_t job;
    MDB_txn *txn;
    int code;
    bool committing; /* the caller's: asked, and not yet waited for */
};

static void take(sem_t *sem)
{
    while (sem_wait(sem) != 0)
        KITH_ASSERT(errno == EINTR);
}

static void give(sem_t *sem)
{
    KITH_ASSERT(sem_post(sem) == 0);
}

static void *work(void *arg)
{
    store_thread_t *self = arg;
    for (;;) {
        take(&self->asked);
        job_t job = self->job;
        if (job == JOB_BEGIN)
            self->code = mdb_txn_begin(self->env, NULL, 0, &self->txn);
        else if (job == JOB_COMMIT)
            self->code = mdb_txn_commit(self->txn);
        else if (job == JOB_ABORT)
            mdb_txn_abort(self->txn);
        give(&self->done);
        if (job == JOB_END)
            return NULL;
    }
}

static void ask(store_thread_t *self, job_t job, MDB_txn *txn)
{
    KITH_ASSERT(!self->committing);
    self->job = job;
    self->txn = txn;
    give(&self->asked);
}

/* Signals are for the thread that reads them (io/program.h). */
static int start(store_thread_t *self)
{
    sigset_t all, before;
    sigfillset(&all);
    KITH_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    int code = pthread_create(&self->thread, NULL, work, self);
    KITH_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return code;
}

store_thread_t *store_thread_new(MDB_env *env)
{
    store_thread_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->env = env;
    KITH_ASSERT(sem_init(&self->asked, 0, 0) == 0 && sem_init(&self->done, 0, 0) == 0);
    if (start(self) == 0)
        return self;
    (void)sem_destroy(&self->asked);
    (void)sem_destroy(&self->done);
    free(self);
    return NULL;
}

void store_thread_destroy(store_thread_t **self_p)
{
    store_thread_t *self = *self_p;
    if (!self)
        return;
    if (self->committing)
        (void)store_thread_commit_end(self);
    ask(self, JOB_END, NULL);
    KITH_ASSERT(pthread_join(self->thread, NULL) == 0);
    (void)sem_destroy(&self->asked);
    (void)sem_destroy(&self->done);
    free(self);
    *self_p = NULL;
}

int store_thread_begin(store_thread_t *self, MDB_txn **ret_txn)
{
    ask(self, JOB_BEGIN, NULL);
    take(&self->done);
    *ret_txn = self->txn;
    return self->code;
}

void store_thread_abort(store_thread_t *self, MDB_txn *txn)
{
    ask(self, JOB_ABORT, txn);
    take(&self->done);
}

void store_thread_commit_begin(store_thread_t *self, MDB_txn *txn)
{
    ask(self, JOB_COMMIT, txn);
    self->committing = true;
}

int store_thread_commit_end(store_thread_t *self)
{
    KITH_ASSERT(self->committing);
    take(&self->done);
    self->committing = false;
    return self->code;
}
