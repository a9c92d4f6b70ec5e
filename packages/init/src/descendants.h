/* Who descends from this process: for an init that is not PID 1. */
#ifndef SUPERVISE_INIT_DESCENDANTS_H
#define SUPERVISE_INIT_DESCENDANTS_H

#include <stdbool.h>
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
 * Sends the signal (and after TERM a CONT) once to each descendant, until a walk finds no new one. They are looked for in /proc; where
 * there is none of our own PID namespace, by trying all numbers. False if that is not possible either (before Linux 5.3).
 */
bool descendants_signal(int signal, struct descendants *seen);

#endif
