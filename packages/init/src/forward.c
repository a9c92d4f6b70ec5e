#include "forward.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.9 */
#define TO_PROCESS_GROUP 4u

/* The kernel lets a process pass on what user space made up itself: negative codes, but for that of tgkill(2). */
static bool carries_value(const siginfo_t *info) { return info->si_code < 0 && info->si_code != SI_TKILL; }

static int queue_to_group(pid_t pid, int number, siginfo_t *info) {
  int leader = (int)syscall(SYS_pidfd_open, pid, 0);
  if (leader < 0) return -errno;
  int result = syscall(SYS_pidfd_send_signal, leader, number, info, TO_PROCESS_GROUP) < 0 ? -errno : 0;
  close(leader);
  return result;
}

int forward_signal(pid_t pid, bool group, int number, const siginfo_t *info) {
  if (carries_value(info)) {
    siginfo_t copy = *info;
    copy.si_signo = number;
    int result = group ? queue_to_group(pid, number, &copy)
                       : (syscall(SYS_rt_sigqueueinfo, pid, number, &copy) < 0 ? -errno : 0);
    /* A full queue, or an older kernel: better without its value than not at all. */
    if (result == 0 || result == -ESRCH) return result;
  }
  return kill(group ? -pid : pid, number) < 0 ? -errno : 0;
}
