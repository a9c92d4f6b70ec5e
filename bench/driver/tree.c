#define _GNU_SOURCE
#include "tree.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int tree_adopt_orphans(void) {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return -1;
  return prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int tree_wait_gone(int64_t deadline_ns, const volatile sig_atomic_t *ended) {
  for (;;) {
    int64_t left_us = (deadline_ns - now_ns()) / 1000;
    if (left_us <= 0 || *ended) return -1;
    /* Repeats each second, should the first alarm come before waitpid sleeps. */
    struct itimerval alarm = {.it_value = {left_us / 1000000, left_us % 1000000},
                              .it_interval = {1, 0}};
    setitimer(ITIMER_REAL, &alarm, NULL);
    pid_t pid = waitpid(-1, NULL, __WALL);
    int error = errno;
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    if (pid < 0 && error == ECHILD) return 0;
  }
}

/* The parent that /proc names; the command may hold spaces and brackets. */
static pid_t parent_of(const char *pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return -1;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  char *end = NULL;
  for (char *at = text; *at != '\0'; at++)
    if (*at == ')') end = at;
  int parent;
  return end != NULL && sscanf(end, ") %*c %d", &parent) == 1 ? parent : -1;
}

/*
 * Only direct children are killed: a number among them cannot have been reused,
 * since we have not waited for it. Their orphans come to us for the next round.
 */
void tree_kill(void) {
  pid_t self = getpid();
  for (;;) {
    DIR *proc = opendir("/proc");
    if (proc == NULL) return;
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;)
      if (isdigit((unsigned char)entry->d_name[0]) && parent_of(entry->d_name) == self)
        kill(atoi(entry->d_name), SIGKILL);
    closedir(proc);
    pid_t pid = waitpid(-1, NULL, __WALL);
    while (pid > 0) pid = waitpid(-1, NULL, __WALL | WNOHANG);
    if (pid < 0 && errno == ECHILD) return;
  }
}
