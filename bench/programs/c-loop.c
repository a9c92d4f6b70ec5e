/*
 * The least that a supervisor can be: spawn all, wait, spawn again what ended,
 * and on SIGTERM end all and leave. It is the floor that the figures are held
 * against: no configuration, no state, no output, no readiness.
 *
 *   c-loop COUNT PROGRAM FILE
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t run(char *program, char *file, long index) {
  char number[24];
  snprintf(number, sizeof number, "%ld", index);
  char *arguments[] = {program, file, number, NULL};
  pid_t pid = vfork();
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    execv(program, arguments);
    _exit(127);
  }
  return pid;
}

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  long count = atol(argv[1]);
  pid_t *pids = calloc((size_t)count, sizeof *pids);
  if (pids == NULL) return 1;

  /* Blocked from the start and taken by sigwait: no signal can be missed. */
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGTERM);
  sigaddset(&watched, SIGCHLD);
  sigprocmask(SIG_BLOCK, &watched, NULL);

  for (long index = 0; index < count; index++) pids[index] = run(argv[2], argv[3], index);

  bool stopping = false;
  for (long alive = count; alive > 0;) {
    int signal_number;
    if (sigwait(&watched, &signal_number) != 0) return 1;
    if (signal_number == SIGTERM) {
      stopping = true;
      for (long index = 0; index < count; index++) kill(pids[index], SIGTERM);
      continue;
    }
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
      if (stopping) {
        alive--;
        continue;
      }
      for (long index = 0; index < count; index++)
        if (pids[index] == pid) pids[index] = run(argv[2], argv[3], index);
    }
  }
  return 0;
}
