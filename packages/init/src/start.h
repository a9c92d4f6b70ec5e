/* Starting a program as a child. */
#ifndef SUPERVISE_INIT_START_H
#define SUPERVISE_INIT_START_H

#include <stdbool.h>
#include <sys/types.h>

/* What happens between clone and exec, in the order of the fields. */
struct start {
  /* A session of its own; its controlling terminal becomes `terminal`, if there is one. */
  bool session;
  /* A process group of its own (a session brings one along). */
  bool group;
  /* Descriptor of the controlling terminal whose foreground the child's group becomes; -1: none. */
  int terminal;
  /* Called last, in the child but in the parent's memory: raw system calls only. 0 or a negative errno. May be null. */
  int (*prepare)(void *);
  void *prepare_with;
  /* The program: looked for in `path` (a PATH; null: the usual folders) if its name has no slash. */
  const char *path;
  /* argv[-1] must be writable too: a script without #! is given to /bin/sh, which needs one word more. */
  char **argv;
  char **envp;
};

/*
 * Starts it with the mask and the dispositions of signals_restore(); returns once it runs or could not. The PID; or a negative errno (of
 * clone, of `prepare` or of exec), the child having been collected already.
 */
pid_t start_child(const struct start *start);

/* 127 if this errno of start_child() says that there is no such program, else 126. */
int start_exit_code(int error);

#endif
