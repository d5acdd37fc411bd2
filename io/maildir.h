/* A Maildir (cr.yp.to/proto/maildir.html): mails as files of one folder, put there by one process
 * and taken by another without a lock. What lies in new/ is whole; what was seen lies in cur/.
 *
 * Either process may be of another user, if the folder's group lets both in: the three folders in
 * it have the folder's own mode, and a file may be read by the group where tmp/ may. A name from
 * outside with a slash, or that is empty or begins with a dot, is KITH_INVALID. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

/* What lies in tmp/ longer was left by a delivery that broke off. */
#define MAILDIR_TMP_MS (INT64_C(36) * 3600 * 1000)

typedef struct maildir maildir_t;

/* Makes the folder (0770 less the umask) and tmp/, new/, cur/ in it, each where it is missing.
 * KITH_NOT_FOUND: the one above is missing; KITH_EXISTS: something that is no folder has its name;
 * KITH_DENIED: not ours to make or to write to; KITH_FULL, KITH_IO. */
kith_err maildir_make(const char *folder);

/* On disk when KITH_OK, under a name that sorts by the time of arrival; else nothing is left.
 * KITH_NOT_FOUND: it is no Maildir; KITH_DENIED; KITH_FULL: the disk is; KITH_IO. */
kith_err maildir_deliver(const char *folder, kith_bytes_t mail);

/* Watches new/. KITH_NOT_FOUND: it is no Maildir; KITH_DENIED; KITH_FULL: the machine grants no
 * more watches; KITH_IO. */
kith_err maildir_open(const char *folder, maildir_t **ret_maildir);
void maildir_close(maildir_t **self_p);

/* Can be read when something may have come since maildir_clear. What came before maildir_open is
 * not told. Clear first, then look, or what comes between is missed. */
int maildir_fd(const maildir_t *self);
void maildir_clear(maildir_t *self);

/* The first name of new/ behind this one ("": of all), in the order of bytes; what begins with a
 * dot or is no regular file is passed over. It reads the whole of new/. KITH_NOT_FOUND: none;
 * KITH_LIMIT: no room in the arena; KITH_IO. */
kith_err maildir_next(maildir_t *self, const char *after, kith_arena_t *arena,
                      const char **ret_name);

/* A mail of new/. KITH_LIMIT: larger than most, or than the room in the arena; KITH_NOT_FOUND;
 * KITH_INVALID: also for what is no regular file; KITH_DENIED; KITH_IO. */
kith_err maildir_read(maildir_t *self, const char *name, size_t most, kith_arena_t *arena,
                      kith_bytes_t *ret_mail);

/* From new/ to cur/, marked as seen. Done again it is KITH_OK, while it lies there.
 * KITH_NOT_FOUND: it is in neither; KITH_INVALID, KITH_DENIED, KITH_FULL, KITH_IO. A power cut may
 * undo it. */
kith_err maildir_seen(maildir_t *self, const char *name);

/* Removes what lies in cur/ longer than keep_ms, and in tmp/ longer than MAILDIR_TMP_MS, by the
 * time of its last move (ctime). Goes on where one cannot be removed, and says the first error:
 * KITH_DENIED, KITH_IO. */
kith_err maildir_tidy(maildir_t *self, int64_t now_ms, int64_t keep_ms);
