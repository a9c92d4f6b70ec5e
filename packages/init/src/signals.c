#include "signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "descriptors.h"

/* The kernel's struct sigaction, which has no size in common with the C library's; zeros are SIG_DFL. */
struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void *restorer;
  kernel_sigset mask;
};

/* Where the C library's time is wider than the processor's words, the call has a second number. */
#ifdef SYS_rt_sigtimedwait_time64
#define TIMED_WAIT (sizeof(time_t) > sizeof(long) ? SYS_rt_sigtimedwait_time64 : SYS_rt_sigtimedwait)
#else
#define TIMED_WAIT SYS_rt_sigtimedwait
#endif

static kernel_sigset inherited_mask;
static bool ignored_sigchld;

/* entry.c */
extern kernel_sigset entry_mask;
extern unsigned char entry_blocked;

int signals_start(void) {
  kernel_sigset all = ~(kernel_sigset)0;
  if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &inherited_mask, sizeof all) < 0) return -errno;
  if (entry_blocked) inherited_mask = entry_mask;
  struct kernel_sigaction by_default = {.handler = SIG_DFL}, before = {.handler = SIG_DFL};
  if (syscall(SYS_rt_sigaction, SIGCHLD, &by_default, &before, sizeof before.mask) < 0) return -errno;
  ignored_sigchld = before.handler == SIG_IGN;
  return 0;
}

void signals_restore(void) {
  if (ignored_sigchld) {
    struct kernel_sigaction ignore = {.handler = SIG_IGN};
    syscall(SYS_rt_sigaction, SIGCHLD, &ignore, (void *)0, sizeof ignore.mask);
  }
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &inherited_mask, (void *)0, sizeof inherited_mask);
}

int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

int signals_wait(siginfo_t *info, int64_t deadline_ms) {
  const kernel_sigset all = ~(kernel_sigset)0;
  for (;;) {
    struct timespec time = {0};
    if (deadline_ms > 0) {
      int64_t left = deadline_ms - now_ms();
      if (left > 0) time = (struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
    }
    int number = (int)syscall(TIMED_WAIT, &all, info, deadline_ms < 0 ? (void *)0 : &time, sizeof all);
    if (number > 0) return number;
    /* EINTR comes after a stop and a continuation as well: then the time is not up. */
    if (errno != EINTR) return 0;
  }
}

int signals_descriptor(void) {
  sigset_t all;
  sigfillset(&all);
  int descriptor = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptors_raise(descriptor);
}

bool signals_take(int number) {
  kernel_sigset one = (kernel_sigset)1 << (number - 1);
  const struct timespec at_once = {0};
  return syscall(TIMED_WAIT, &one, (void *)0, &at_once, sizeof one) == number;
}

bool signals_pending(int number) {
  kernel_sigset pending = 0;
  syscall(SYS_rt_sigpending, &pending, sizeof pending);
  return pending >> (number - 1) & 1;
}

void signals_let_through(int number) {
  kernel_sigset all = ~(kernel_sigset)0, but_one = all & ~((kernel_sigset)1 << (number - 1));
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &but_one, (void *)0, sizeof but_one);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, (void *)0, sizeof all);
}

bool signals_own_sigpipe(const siginfo_t *info) {
  return info->si_signo == SIGPIPE && info->si_code == SI_USER && info->si_pid == getpid();
}
