/*
 * The child as a job at the terminal. It has a process group of its own, in the foreground, so that what is typed there (Ctrl-C) reaches
 * it once and from the kernel. When it is stopped (Ctrl-Z), this process and its group stop too, as they would have if the child had been
 * in it: the shell above sees that, and `fg` continues both. Where no shell could continue it (PID 1 of a container), the child goes on.
 */
#ifndef SUPERVISE_INIT_JOB_H
#define SUPERVISE_INIT_JOB_H

#include <stdbool.h>
#include <sys/types.h>

#include "terminal.h"

struct job {
  struct terminal terminal;
  /* The child has a session of its own: the terminal is its own affair. */
  bool session;
  /* The last stop signal that was passed on since the child was stopped; 0: none. */
  int passed_stop;
};

/* Finds the terminal. With `session`, gives it up where this process leads the session, so that the child can have it. */
void job_open(struct job *job, bool session);
/* The terminal to hand to start_child(); -1: none. */
int job_terminal(const struct job *job);
/* The child was stopped by this signal. Comes back when this process goes on. */
void job_stopped(struct job *job, pid_t child, int signal);
/* `number` came and was passed on as `passed`. */
void job_passed(struct job *job, int number, int passed);
/* The child has ended: the terminal comes back as it was. */
void job_close(struct job *job);

#endif
