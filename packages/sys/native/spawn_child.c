/*
 * The child between clone and exec. It lives in its parent's memory (CLONE_VM | CLONE_VFORK), so: raw system calls only (glibc's setuid
 * family would signal the parent's threads), no heap, no lock, nothing written but its stack and the plan. Its descriptors, signal
 * dispositions, umask, directory, limits and credentials are its own: CLONE_SIGHAND, CLONE_FS and CLONE_THREAD are not set. Its table of descriptors is its
 * parent's (CLONE_FILES) until it takes a copy of the part it needs.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 32-bit architectures have a second family of calls for ids of more than 16 bits. */
#ifdef SYS_setgroups32
#define CALL_SETGROUPS SYS_setgroups32
#define CALL_SETRESGID SYS_setresgid32
#define CALL_SETRESUID SYS_setresuid32
#else
#define CALL_SETGROUPS SYS_setgroups
#define CALL_SETRESGID SYS_setresgid
#define CALL_SETRESUID SYS_setresuid
#endif

/* Since Linux 5.9, with one number on all architectures; headers may be older than the kernel. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

#define SIGNAL_COUNT 64

static _Noreturn void fail(struct spawn_plan *plan, int stage, int error) {
  plan->error = error;
  plan->stage = stage;
  if (plan->failed != NULL) plan->failed(plan);
  for (;;) syscall(SYS_exit, 127);
}

/* The value of a call that must not fail. */
static long must(struct spawn_plan *plan, int stage, long result) {
  if (result < 0) fail(plan, stage, errno);
  return result;
}

/* The kernel's struct sigaction, which has no size in common with glibc's; zeros are SIG_DFL. */
struct kernel_sigaction {
  void *handler;
  unsigned long flags;
  void *restorer;
  uint64_t mask;
};

/* Exec resets what is caught but keeps what is ignored (as does CLONE_CLEAR_SIGHAND), and Node ignores SIGPIPE: hence each by name. */
static void reset_signals(struct spawn_plan *plan) {
  static const struct kernel_sigaction by_default;
  for (int number = 1; number <= SIGNAL_COUNT; number++)
    if (number != SIGKILL && number != SIGSTOP)
      must(plan, STAGE_SIGNALS, syscall(SYS_rt_sigaction, number, &by_default, NULL, sizeof(uint64_t)));
}

static int become(void *plan);

/*
 * The leader of a new session ends, and what goes on in it can never take a controlling terminal, which only a leader can. The second child is our parent's
 * (CLONE_PARENT), who can wait for it as for any other. It starts with no signal pending: what the terminal sent to the group that is left here ends with the leader,
 * in whom all are blocked.
 */
static _Noreturn void leave_leadership(struct spawn_plan *plan) {
  must(plan, STAGE_SESSION, syscall(SYS_setsid));
  plan->detached = (pid_t)must(
      plan, STAGE_CLONE, clone(become, plan->second_stack, CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD, plan));
  for (;;) syscall(SYS_exit, 0);
}

static void enter_session(struct spawn_plan *plan) {
  if (plan->session == SESSION_NEW) must(plan, STAGE_SESSION, syscall(SYS_setsid));
  if (plan->session == SESSION_PROCESS_GROUP)
    must(plan, STAGE_PROCESS_GROUP, syscall(SYS_setpgid, 0, plan->process_group));
  if (plan->has & HAS_CONTROLLING_TERMINAL) {
    int terminal = plan->descriptors[plan->controlling_terminal];
    must(plan, STAGE_CONTROLLING_TERMINAL, syscall(SYS_ioctl, terminal, TIOCSCTTY, 0));
  }
}

/* Before anything else, so that whoever finds the note knows that there was a child, even one that was born to a parent that was being killed. */
static void note_birth(struct spawn_plan *plan) {
  const int32_t pid = (int32_t)syscall(SYS_getpid);
  must(plan, STAGE_DESCRIPTORS, syscall(SYS_pwrite64, plan->birth_fd, &pid, sizeof(pid), plan->birth_at));
}

/* A lock of fcntl(2) belongs to the process itself: exec keeps it, a child of it does not get it, its end gives it back. */
static void take_lock(struct spawn_plan *plan) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  must(plan, STAGE_LOCK, fcntl(plan->lock, F_SETLK, &whole));
}

static void write_file(struct spawn_plan *plan, int stage, int directory, const char *path, const char *text) {
  int fd = (int)must(plan, stage, syscall(SYS_openat, directory, path, O_WRONLY | O_CLOEXEC, 0));
  must(plan, stage, syscall(SYS_write, fd, text, strlen(text)));
  syscall(SYS_close, fd);
}

/* /proc/self is the child's own, and while it is a vfork child the kernel does not spread the value to the others of this memory. */
static void set_oom_score(struct spawn_plan *plan) {
  char text[12];
  char *start = text + sizeof(text) - 1;
  *start = 0;
  int rest = plan->oom_score < 0 ? -plan->oom_score : plan->oom_score;
  do *--start = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (plan->oom_score < 0) *--start = '-';
  write_file(plan, STAGE_OOM_SCORE, AT_FDCWD, "/proc/self/oom_score_adj", start);
}

/*
 * A table of its own with the descriptors up to the last that is needed. To copy all of a parent that holds 2,000 pipes, and to close them again, would
 * cost more than the birth itself.
 */
static void own_descriptors(struct spawn_plan *plan) {
  int last = (int)plan->descriptor_count;
  for (unsigned i = 0; i < plan->descriptor_count; i++)
    if (plan->descriptors[i] > last) last = plan->descriptors[i];
  if (plan->has & HAS_CGROUP && plan->cgroup_fd > last) last = plan->cgroup_fd;
  must(plan, STAGE_DESCRIPTORS, syscall(SYS_close_range, last + 1, ~0U, CLOSE_RANGE_UNSHARE));
}

/* Sources below the targets are moved out of the way first, so that no dup3 closes a descriptor which a later one needs. */
static void arrange_descriptors(struct spawn_plan *plan) {
  int count = (int)plan->descriptor_count;
  int *from = plan->descriptors;
  for (int i = 0; i < count; i++)
    if (from[i] >= 0 && from[i] < count && from[i] != i)
      from[i] = (int)must(plan, STAGE_DESCRIPTORS, syscall(SYS_fcntl, from[i], F_DUPFD_CLOEXEC, count));
  for (int i = 0; i < count; i++) {
    if (from[i] < 0) syscall(SYS_close, i);
    else if (from[i] == i) must(plan, STAGE_DESCRIPTORS, syscall(SYS_fcntl, i, F_SETFD, 0));
    else must(plan, STAGE_DESCRIPTORS, syscall(SYS_dup3, from[i], i, 0));
  }
  must(plan, STAGE_DESCRIPTORS, syscall(SYS_close_range, count, ~0U, 0));
}

/* Needs CAP_SETPCAP, so before the change of uid. Numbers above the kernel's last end the walk with EINVAL. */
static void drop_bounding(struct spawn_plan *plan) {
  for (unsigned number = 0; number < 64; number++) {
    long held = syscall(SYS_prctl, PR_CAPBSET_READ, number, 0, 0, 0);
    if (held < 0) break;
    if (held > 0 && !(plan->bounding >> number & 1))
      must(plan, STAGE_CAPABILITIES, syscall(SYS_prctl, PR_CAPBSET_DROP, number, 0, 0, 0));
  }
}

/* Ambient needs permitted (kept over the change of uid) and inheritable. What else is permitted is lost at exec. */
static void raise_ambient(struct spawn_plan *plan) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  must(plan, STAGE_CAPABILITIES, syscall(SYS_capget, &header, data));
  data[0].inheritable = (uint32_t)plan->ambient;
  data[1].inheritable = (uint32_t)(plan->ambient >> 32);
  must(plan, STAGE_CAPABILITIES, syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  must(plan, STAGE_CAPABILITIES, syscall(SYS_capset, &header, data));
  for (unsigned number = 0; number < 64; number++)
    if (plan->ambient >> number & 1)
      must(plan, STAGE_CAPABILITIES, syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0));
}

static void change_root(struct spawn_plan *plan) {
  must(plan, STAGE_ROOT, syscall(SYS_chroot, plan->root));
  must(plan, STAGE_ROOT, syscall(SYS_chdir, "/"));
}

static void change_credentials(struct spawn_plan *plan) {
  if (plan->has & HAS_BOUNDING) drop_bounding(plan);
  if (plan->has & HAS_GROUPS) must(plan, STAGE_GROUPS, syscall(CALL_SETGROUPS, plan->group_count, plan->groups));
  if (plan->has & HAS_GID) must(plan, STAGE_GID, syscall(CALL_SETRESGID, plan->gid, plan->gid, plan->gid));
  if (plan->has & HAS_UID) {
    if (plan->has & HAS_AMBIENT) must(plan, STAGE_CAPABILITIES, syscall(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0));
    must(plan, STAGE_UID, syscall(CALL_SETRESUID, plan->uid, plan->uid, plan->uid));
  }
  if (plan->has & HAS_AMBIENT) raise_ambient(plan);
  if (plan->has & HAS_NO_NEW_PRIVILEGES)
    must(plan, STAGE_NO_NEW_PRIVILEGES, syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/* A change of credentials clears the signal, so it comes after; a parent that died before it was set will send none. */
static void set_parent_death_signal(struct spawn_plan *plan) {
  must(plan, STAGE_PARENT_DEATH_SIGNAL, syscall(SYS_prctl, PR_SET_PDEATHSIG, plan->parent_death_signal, 0, 0, 0));
  if (syscall(SYS_getppid) != plan->parent) fail(plan, STAGE_PARENT_DEATH_SIGNAL, ESRCH);
}

/* As execvp(3): a file that was there but could not be run is the better answer than the last that was not there. */
static _Noreturn void execute(struct spawn_plan *plan) {
  int error = ENOENT;
  for (char **file = plan->files; *file != NULL; file++) {
    syscall(SYS_execve, *file, plan->argv, plan->env);
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) fail(plan, STAGE_EXEC, errno);
    if (errno == EACCES || error != EACCES) error = errno;
  }
  fail(plan, STAGE_EXEC, error);
}

/*
 * Nothing opens, moves or closes a descriptor before the table is its own. Descriptors come before limits, since a low limit of open files must not stop their arrangement; the root comes before the change of uid,
 * which takes the right to change it; the working directory after both, seen from inside the root and with the user's own rights.
 */
static int become(void *argument) {
  struct spawn_plan *plan = argument;
  static const uint64_t no_signals = 0;
  enter_session(plan);
  reset_signals(plan);
  if (plan->has & HAS_CGROUP && !plan->born_in_cgroup)
    write_file(plan, STAGE_CGROUP, plan->cgroup_fd, "cgroup.procs", "0");
  if (plan->has & HAS_NICE) must(plan, STAGE_NICE, syscall(SYS_setpriority, PRIO_PROCESS, 0, plan->nice));
  if (plan->has & HAS_OOM_SCORE) set_oom_score(plan);
  arrange_descriptors(plan);
  if (plan->has & HAS_LOCK) take_lock(plan);
  for (unsigned i = 0; i < plan->limit_count; i++)
    must(plan, STAGE_LIMITS, syscall(SYS_prlimit64, 0, plan->limits[i].resource, &plan->limits[i].value, NULL));
  if (plan->has & HAS_ROOT) change_root(plan);
  change_credentials(plan);
  if (plan->has & HAS_UMASK) syscall(SYS_umask, plan->umask);
  if (plan->has & HAS_WORKING_DIRECTORY)
    must(plan, STAGE_WORKING_DIRECTORY, syscall(SYS_chdir, plan->working_directory));
  if (plan->has & HAS_PARENT_DEATH_SIGNAL) set_parent_death_signal(plan);
  must(plan, STAGE_SIGNALS, syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof(no_signals)));
  if (plan->has & HAS_LISTEN_PID) spawn_tell_listen_pid(plan);
  execute(plan);
}

int spawn_child(void *argument) {
  struct spawn_plan *plan = argument;
  if (plan->has & HAS_BIRTH) note_birth(plan);
  own_descriptors(plan);
  if (plan->session == SESSION_DETACHED) leave_leadership(plan);
  return become(plan);
}
