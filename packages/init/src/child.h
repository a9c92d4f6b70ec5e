/* The one child of the first role, and what is passed on to it. */
#ifndef SUPERVISE_INIT_CHILD_H
#define SUPERVISE_INIT_CHILD_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "job.h"
#include "options.h"

struct child {
  const struct options *options;
  pid_t pid;
  /* As waitpid(2) gives it, once the child has ended. */
  int status;
  /* When it is killed, on the clock of now_ms(); -1: never. */
  int64_t kill_at_ms;
  struct job job;
};

/* Passes a signal on, rewritten if that was asked for. The child must not have been collected yet. */
void child_pass_on(struct child *child, int number, const siginfo_t *info);

/* Its time is up: SIGKILL, once. */
void child_kill(struct child *child);

#endif
