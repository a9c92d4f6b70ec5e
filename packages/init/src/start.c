#include "start.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "signals.h"

#define USUAL_PATH "/usr/local/bin:/bin:/usr/bin"

/* The child shares our memory until it executes, and leaves its errno here; `volatile`, for the compiler sees nobody write it. */
static volatile int child_error;
static _Alignas(64) char child_stack[16384];
static char candidate[PATH_MAX];

/* Comes back only with an errno. What has no #! and is no program for this machine is a script for the shell. */
static int execute(const char *file, char **argv, char **envp) {
  execve(file, argv, envp);
  if (errno != ENOEXEC) return errno;
  argv[-1] = "/bin/sh";
  char *name = argv[0];
  argv[0] = (char *)file;
  execve("/bin/sh", argv - 1, envp);
  argv[0] = name;
  return ENOEXEC;
}

/* The rules of execvp(3), without its stack. */
static int execute_in_path(const struct start *start) {
  const char *name = start->argv[0];
  if (*name == '\0') return ENOENT;
  if (strchr(name, '/')) return execute(name, start->argv, start->envp);
  size_t name_length = strlen(name);
  if (name_length > NAME_MAX) return ENAMETOOLONG;
  bool forbidden = false;
  for (const char *from = start->path ? start->path : USUAL_PATH;;) {
    const char *end = strchrnul(from, ':');
    size_t length = (size_t)(end - from);
    if (length + 1 + name_length < sizeof candidate) {
      memcpy(candidate, from, length);
      /* An empty folder name is the current one. */
      if (length > 0) candidate[length++] = '/';
      memcpy(candidate + length, name, name_length + 1);
      int error = execute(candidate, start->argv, start->envp);
      if (error == EACCES) forbidden = true;
      else if (error != ENOENT && error != ENOTDIR && error != ESTALE && error != ENODEV && error != ETIMEDOUT)
        return error;
    }
    if (*end == '\0') return forbidden ? EACCES : ENOENT;
    from = end + 1;
  }
}

static int in_child(void *argument) {
  const struct start *start = argument;
  if (start->session) {
    setsid();
    if (start->terminal >= 0) ioctl(start->terminal, TIOCSCTTY, 0);
  } else if (start->group) {
    setpgid(0, 0);
    if (start->terminal >= 0) tcsetpgrp(start->terminal, getpid());
  }
  int error = start->prepare ? -start->prepare(start->prepare_with) : 0;
  if (error == 0) {
    signals_restore();
    error = execute_in_path(start);
  }
  child_error = error;
  return 127;
}

pid_t start_child(const struct start *start) {
  child_error = 0;
  pid_t pid = clone(in_child, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)start);
  if (pid < 0) return -errno;
  if (child_error == 0) return pid;
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
  return -child_error;
}

int start_exit_code(int error) { return error == ENOENT || error == ENOTDIR ? 127 : 126; }
