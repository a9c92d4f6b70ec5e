/* Who descends from this process, as /proc tells it: for an init that is not PID 1. */
#ifndef SUPERVISE_INIT_DESCENDANTS_H
#define SUPERVISE_INIT_DESCENDANTS_H

#include <stdbool.h>
#include <sys/types.h>

/* What a walk met. */
struct descendants {
  /* There is a /proc, and it shows our own PID namespace. */
  bool readable;
  int count;
  /* The last one. */
  pid_t pid;
  /* Those that may not be signalled, and the last of them. */
  int refused;
  pid_t refused_pid;
};

/* Sends the signal once to each descendant, until a walk finds no new one. False if there is no /proc that could tell. */
bool descendants_signal(int signal, struct descendants *seen);

#endif
