#include "descendants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"
#include "parent.h"

/* No kernel gives higher numbers (PID_MAX_LIMIT). Pages of this table that are never touched cost nothing. */
#define PID_LIMIT (1 << 22)
static uint8_t found[PID_LIMIT / 8];

/* One walk after another, until nothing new turns up. */
struct walk {
  int self;
  int signal;
  struct descendants *seen;
};

struct kernel_dirent {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

static bool is_found(int pid) { return pid > 0 && pid < PID_LIMIT && (found[pid / 8] >> pid % 8 & 1); }

/* By a descriptor, which names the process whatever becomes of its number. */
static int send_to(int process, int pid, int signal) {
  if (syscall(SYS_pidfd_send_signal, process, signal, NULL, 0) == 0) return 0;
  /* Before Linux 5.1 only the number is left. */
  if (errno != ENOSYS) return -errno;
  return kill(pid, signal) < 0 ? -errno : 0;
}

/* True if this is a descendant that was not known yet. It has been signalled then; who is stopped would not see a TERM. */
static bool visit(const struct walk *walk, int process, int pid, int parent) {
  if (parent != walk->self && !is_found(parent)) return false;
  found[pid / 8] |= (uint8_t)(1 << pid % 8);
  walk->seen->count++;
  walk->seen->pid = pid;
  if (send_to(process, pid, walk->signal) == -EPERM) {
    walk->seen->refused++;
    walk->seen->refused_pid = pid;
  } else if (walk->signal == SIGTERM) send_to(process, pid, SIGCONT);
  return true;
}

static bool visit_entry(const struct walk *walk, int proc, const char *name) {
  int pid = parent_number(name);
  if (pid <= 0 || pid >= PID_LIMIT || is_found(pid)) return false;
  int process = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (process < 0) return false;
  bool fresh = visit(walk, process, pid, parent_in_proc(process));
  close(process);
  return fresh;
}

static bool walk_proc(const struct walk *walk, int proc) {
  _Alignas(struct kernel_dirent) char entries[4096];
  bool fresh = false;
  long length;
  lseek(proc, 0, SEEK_SET);
  while ((length = syscall(SYS_getdents64, proc, entries, sizeof entries)) > 0)
    for (long at = 0; at < length;) {
      const struct kernel_dirent *entry = (const void *)(entries + at);
      if (*entry->name >= '1' && *entry->name <= '9' && visit_entry(walk, proc, entry->name)) fresh = true;
      at += entry->length;
    }
  return fresh;
}

/* Is this /proc ours, and not that of another PID namespace? */
static bool is_own(int proc) {
  char self[16];
  ssize_t length = readlinkat(proc, "self", self, sizeof self - 1);
  if (length <= 0) return false;
  self[length] = '\0';
  return parent_number(self) == getpid();
}

/* A /proc of our own PID namespace; -1: there is none. */
static int open_own_proc(void) {
  int proc = descriptors_raise(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (proc < 0 || is_own(proc)) return proc;
  close(proc);
  return -1;
}

/*
 * Without /proc every number is tried: half a second where there are four millions, and only when something was left behind. A number
 * far above all that were met need not be tried again.
 */
static bool walk_numbers(const struct walk *walk, int *limit) {
  int highest = 0;
  bool fresh = false;
  for (int pid = 1; pid < *limit; pid++) {
    if (is_found(pid)) {
      highest = pid;
      continue;
    }
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0) continue;
    highest = pid;
    if (visit(walk, process, pid, parent_of_pidfd(process, pid))) fresh = true;
    close(process);
  }
  if (highest + 4096 < *limit) *limit = highest + 4096;
  return fresh;
}

/* Linux 5.3 can name processes by descriptor; without that a number could have been given to another. */
static bool can_try_numbers(void) {
  int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (self >= 0) close(self);
  return self >= 0;
}

bool descendants_signal(int signal, struct descendants *seen) {
  static int limit = PID_LIMIT;
  const struct walk walk = {.self = getpid(), .signal = signal, .seen = seen};
  int proc = open_own_proc();
  if (proc < 0 && !can_try_numbers()) return false;
  memset(found, 0, sizeof found);
  while (proc >= 0 ? walk_proc(&walk, proc) : walk_numbers(&walk, &limit)) continue;
  if (proc >= 0) close(proc);
  return true;
}
