/* Who descends from this process, as /proc or else wait(2) tells it: for an init that is not PID 1. */
#ifndef SUPERVISE_INIT_DESCENDANTS_H
#define SUPERVISE_INIT_DESCENDANTS_H

#include <sys/types.h>

/* What a walk met. */
struct descendants {
  int count;
  /* The last one. */
  pid_t pid;
  /* Those that may not be signalled, and the last of them. */
  int refused;
  pid_t refused_pid;
};

/*
 * Sends the signal once to each descendant, until a walk finds no new one. Without a /proc of our own PID namespace only to our children
 * and to the process group `group` (0: none).
 */
void descendants_signal(int signal, pid_t group, struct descendants *seen);

#endif
