#include "reap.h"

#include <errno.h>
#include <sys/wait.h>

pid_t reap_next(struct reaped *reaped, bool stopped) {
  pid_t pid = wait4(-1, &reaped->status, WNOHANG | (stopped ? WUNTRACED : 0), &reaped->usage);
  if (pid < 0) return -errno;
  reaped->pid = pid;
  return pid;
}

int reap_exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }
