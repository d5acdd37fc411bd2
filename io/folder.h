/* A folder that belongs to one process: nobody else may look in, one process holds it at a time.
 * The file system, for io/store. */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* KITH_NOT_FOUND: no such folder; KITH_DENIED: its mode lets others in, or it is another user's. */
kith_err folder_check(const char *path);

/* Makes it, and what is missing above it, with mode 0700; one that is there is only checked. As
 * folder_check, and KITH_FULL, KITH_IO. */
kith_err folder_make(const char *path);

/* Names that were made, renamed or removed in it are on disk. */
kith_err folder_sync(const char *path);

/* Locks the file (made when missing) for as long as *ret_fd is open. KITH_BUSY: it is held already,
 * by another process or by this one. */
kith_err folder_lock(const char *lock_path, int *ret_fd);

/* KITH_NOT_FOUND: no such file; KITH_CORRUPT: it is empty, which no whole one is; KITH_IO. */
kith_err folder_has_file(const char *file_path);

/* Makes a file, or makes it larger, without holes: writing to a mapped hole on a full disk would
 * kill the process (SIGBUS). */
kith_err folder_fill(const char *file_path, int64_t bytes);

/* What a process without privileges may still write. 0 when it cannot be told. */
uint64_t folder_free_bytes(const char *path);

/* What an errno of a failed write means: KITH_FULL when the disk is full, KITH_IO otherwise. A
 * short write is often told as EIO, so how much is free decides. */
kith_err folder_err(const char *path, int code);
