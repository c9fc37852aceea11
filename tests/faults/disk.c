/* A disk that fails on command, for tests: preloaded, it counts what a process does to the files
   below one directory (writes, syncs, truncations, renames, removals) and at the chosen one kills
   the process, or lets the call fail. On request what was not synced by then is lost, too, as in a
   power failure.

   arm(directory, nth, mode, error, lose) is called by ctypes; nth counts from 1, 0 never strikes. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { NOTHING, KILL_BEFORE, KILL_AFTER, KILL_HALFWAY, FAIL_ONCE, FAIL_WRITES_FROM_HERE };

struct undo {
  struct undo *next;
  char path[PATH_MAX];
  off_t at, size;
  size_t length;
  char old[];
};

static char below[PATH_MAX];
static long strike, calls;
static int mode, failure, losing, busy;
static struct undo *unsynced;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

void arm(const char *directory, long nth, int what, int error, int lose) {
  snprintf(below, sizeof below, "%s/", directory);
  strike = nth, mode = what, failure = error, losing = lose, calls = 0;
}

long called(void) { return calls; }

static int ours(const char *path) {
  return below[0] && !busy && strncmp(path, below, strlen(below)) == 0;
}

static int named(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return ours(path) && !strstr(path, "-shm") && !strstr(path, ".lock");
}

static void lose_unsynced(void) {
  for (struct undo *one = unsynced; one; one = one->next) {
    int fd = open(one->path, O_RDWR);
    if (fd < 0) continue;
    REAL(pwrite)(fd, one->old, one->length, one->at);
    REAL(ftruncate)(fd, one->size);
    close(fd);
  }
}

static void die(void) {
  busy = 1;
  if (losing) lose_unsynced();
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void note(const char *path, off_t at, size_t length) {
  struct stat seen;
  if (!losing || stat(path, &seen)) return;
  struct undo *one = malloc(sizeof *one + length);
  strcpy(one->path, path);
  one->at = at, one->size = seen.st_size;
  int fd = open(path, O_RDONLY);
  ssize_t n = fd < 0 ? 0 : pread(fd, one->old, length, at);
  if (fd >= 0) close(fd);
  one->length = n < 0 ? 0 : n;
  one->next = unsynced;
  unsynced = one;
}

static void synced(const char *path) {
  for (struct undo **at = &unsynced; *at;) {
    struct undo *one = *at;
    if (strcmp(one->path, path)) { at = &one->next; continue; }
    *at = one->next;
    free(one);
  }
}

/* Whether this call is the one; -1: it shall fail. */
static int struck(int writes) {
  calls++;
  if (!strike) return 0;
  if (mode == FAIL_WRITES_FROM_HERE) return calls >= strike && writes ? -1 : 0;
  if (calls != strike) return 0;
  if (mode == KILL_BEFORE) die();
  return mode == FAIL_ONCE ? -1 : 1;
}

static ssize_t writing(int fd, const void *data, size_t length, off_t at, int placed) {
  char path[PATH_MAX];
  if (!named(fd, path))
    return placed ? REAL(pwrite)(fd, data, length, at) : REAL(write)(fd, data, length);
  int hit = struck(1);
  if (hit < 0) { errno = failure; return -1; }
  note(path, placed ? at : lseek(fd, 0, SEEK_CUR), length);
  if (hit && mode == KILL_HALFWAY) length /= 2;
  ssize_t done = placed ? REAL(pwrite)(fd, data, length, at) : REAL(write)(fd, data, length);
  if (hit) die();
  return done;
}

ssize_t write(int fd, const void *data, size_t n) { return writing(fd, data, n, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return writing(fd, data, n, at, 1); }
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) { return writing(fd, data, n, at, 1); }

static int syncing(int fd, int (*call)(int)) {
  char path[PATH_MAX];
  if (!named(fd, path)) return call(fd);
  int hit = struck(0);
  if (hit < 0) { errno = failure; return -1; }
  int done = call(fd);
  synced(path);
  if (hit) die();
  return done;
}

int fsync(int fd) { return syncing(fd, REAL(fsync)); }
int fdatasync(int fd) { return syncing(fd, REAL(fdatasync)); }

static int cutting(int fd, off_t size, int (*call)(int, off_t)) {
  char path[PATH_MAX];
  if (!named(fd, path)) return call(fd, size);
  int hit = struck(0);
  if (hit < 0) { errno = failure; return -1; }
  int done = call(fd, size);
  synced(path); /* a shrunk file cannot be written back faithfully: call it durable */
  if (hit) die();
  return done;
}

int ftruncate(int fd, off_t size) { return cutting(fd, size, REAL(ftruncate)); }
int ftruncate64(int fd, off64_t size) { return cutting(fd, size, REAL(ftruncate64)); }

int unlink(const char *path) {
  if (!ours(path)) return REAL(unlink)(path);
  int hit = struck(0);
  if (hit < 0) { errno = failure; return -1; }
  int done = REAL(unlink)(path);
  synced(path);
  if (hit) die();
  return done;
}

int rename(const char *from, const char *to) {
  if (!ours(from)) return REAL(rename)(from, to);
  int hit = struck(0);
  if (hit < 0) { errno = failure; return -1; }
  int done = REAL(rename)(from, to);
  if (hit) die();
  return done;
}
