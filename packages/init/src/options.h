/* What the command line and, for the two borrowed names, the environment ask for. */
#ifndef SUPERVISE_INIT_OPTIONS_H
#define SUPERVISE_INIT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Signals are numbered 1 to 64 by the kernel on every architecture that is built for. */
#define SIGNAL_COUNT 64

#define EXIT_USAGE 64

/* Whose command line is understood; the base name of argv[0] says it. */
enum personality { PERSONALITY_OWN, PERSONALITY_TINI, PERSONALITY_DUMB_INIT };

struct options {
  enum personality personality;
  /* The first word that is no option was `up`, and no `--` stood before it. */
  bool up;
  /* Signals go to the child's process group instead of to the child. */
  bool group;
  /* The child gets a session of its own, not only a process group (dumb-init). */
  bool session;
  /* Become a subreaper although PID 1 (it always is one otherwise). */
  bool subreaper;
  bool warn_on_reap;
  /* 0: faults only, 1: warnings (the default), 2 and 3: more. */
  int verbosity;
  /* Signal that the kernel sends to this process once its parent is gone; 0: none. */
  int parent_death_signal;
  /* Time between the first TERM, INT or QUIT and KILL for the child; 0: never. In milliseconds. */
  int64_t kill_after_ms;
  /* Time between TERM and KILL for what the child left behind. In milliseconds. */
  int64_t grace_ms;
  /* A supervisor that answers nothing for so long is ended; 0: it is never asked. In milliseconds. */
  int64_t hang_after_ms;
  /* What is forwarded instead of the signal with this number; 0: nothing. */
  uint8_t rewrite[SIGNAL_COUNT + 1];
  /* The exit code that is given instead of this one. */
  uint8_t exit_code[256];
  /* Index in argv of the command; for `up`, of the word `up`. */
  int command;
};

/* Fills `options`. Returns -1 to go on, else the exit code to end with: all that was to be said has been said. */
int parse_options(struct options *options, int argc, char **argv, char **envp);

/* The value of this environment variable, or a null pointer. */
const char *variable(char **envp, const char *name);

#endif
