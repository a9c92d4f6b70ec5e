#include "descendants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"

/* No kernel gives higher numbers (PID_MAX_LIMIT). Pages of this table that are never touched cost nothing. */
#define PID_LIMIT (1 << 22)
static uint8_t found[PID_LIMIT / 8];

static bool is_found(int pid) { return pid > 0 && pid < PID_LIMIT && (found[pid / 8] >> pid % 8 & 1); }

struct kernel_dirent {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

static int to_number(const char *text) {
  int number = 0;
  for (; *text >= '0' && *text <= '9' && number < PID_LIMIT; text++) number = number * 10 + (*text - '0');
  return number;
}

/* The parent's PID, or 0 if the process is gone. Field 4, after the name in parentheses, which may hold any byte. */
static int parent_of(int process) {
  char text[512];
  int file = openat(process, "stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *after = strrchr(text, ')');
  return after && strlen(after) > 4 ? to_number(after + 4) : 0;
}

static int send_to(int process, int pid, int signal) {
  if (syscall(SYS_pidfd_send_signal, process, signal, NULL, 0) == 0) return 0;
  /* Before Linux 5.1 only the number is left. */
  if (errno != ENOSYS) return -errno;
  return kill(pid, signal) < 0 ? -errno : 0;
}

/* One process: the open folder names it whatever becomes of its number, and serves as its pidfd. True if it is a new descendant. */
static bool visit(int proc, const char *name, int signal, int self, struct descendants *seen) {
  int pid = to_number(name);
  if (pid <= 0 || pid >= PID_LIMIT || is_found(pid)) return false;
  int process = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (process < 0) return false;
  int parent = parent_of(process);
  bool ours = parent == self || is_found(parent);
  if (ours) {
    found[pid / 8] |= (uint8_t)(1 << pid % 8);
    seen->count++;
    seen->pid = pid;
    if (send_to(process, pid, signal) == -EPERM) {
      seen->refused++;
      seen->refused_pid = pid;
    }
  }
  close(process);
  return ours;
}

/* Is this /proc ours, and not that of another PID namespace? */
static bool is_own(int proc) {
  char self[16];
  ssize_t length = readlinkat(proc, "self", self, sizeof self - 1);
  if (length <= 0) return false;
  self[length] = '\0';
  return to_number(self) == getpid();
}

/* A /proc of our own PID namespace; -1: there is none. */
static int open_own_proc(void) {
  int proc = descriptors_raise(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (proc < 0 || is_own(proc)) return proc;
  close(proc);
  return -1;
}

/*
 * Without /proc each number is tried: is it a child of ours? It takes half a second and finds no grandchild; but these become children as
 * their parents end. A child's number is not given away before we collect it.
 */
static void signal_children(int signal, pid_t group, struct descendants *seen) {
  if (group > 0) kill(-group, signal);
  for (int pid = 2; pid < PID_LIMIT; pid++) {
    if (syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOHANG | WNOWAIT, NULL) < 0) continue;
    seen->count++;
    seen->pid = pid;
    bool told = group > 0 && syscall(SYS_getpgid, pid) == group;
    if (!told && kill(pid, signal) < 0 && errno == EPERM) {
      seen->refused++;
      seen->refused_pid = pid;
    }
  }
}

void descendants_signal(int signal, pid_t group, struct descendants *seen) {
  int proc = open_own_proc();
  if (proc < 0) {
    signal_children(signal, group, seen);
    return;
  }
  memset(found, 0, sizeof found);
  _Alignas(struct kernel_dirent) char entries[4096];
  int self = getpid();
  for (bool again = true; again;) {
    again = false;
    lseek(proc, 0, SEEK_SET);
    long length;
    while ((length = syscall(SYS_getdents64, proc, entries, sizeof entries)) > 0)
      for (long at = 0; at < length;) {
        const struct kernel_dirent *entry = (const void *)(entries + at);
        if (*entry->name >= '1' && *entry->name <= '9' && visit(proc, entry->name, signal, self, seen)) again = true;
        at += entry->length;
      }
  }
  close(proc);
}
