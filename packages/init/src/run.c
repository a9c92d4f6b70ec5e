#include "run.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forward.h"
#include "reap.h"
#include "report.h"
#include "signals.h"
#include "start.h"
#include "terminal.h"
#include "terminate.h"

static int cannot_start(const char *name, int error) {
  struct line line;
  line_start(&line);
  line_text(&line, "cannot start ");
  line_quoted(&line, name);
  line_text(&line, ": ");
  line_errno(&line, error);
  line_send(&line);
  return start_exit_code(error);
}

/* Collects what has ended. True once the child is among it; its status then. */
static bool collect(pid_t child, int *status) {
  struct reaped reaped;
  bool ended = false;
  while (reap_next(&reaped, false) > 0)
    if (reaped.pid == child) {
      *status = reaped.status;
      ended = true;
    }
  return ended;
}

int run_main(const struct options *options, char **argv, char **envp) {
  if (getpid() != 1 || options->subreaper) prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct terminal terminal;
  terminal_open(&terminal);
  char **command = argv + options->command;
  const char *name = *command;
  struct start start = {.group = true,
                        .session = options->session,
                        .terminal = terminal.descriptor,
                        .path = variable(envp, "PATH"),
                        .argv = command,
                        .envp = envp};
  pid_t child = start_child(&start);
  if (child < 0) {
    terminal_take_back(&terminal);
    return cannot_start(name, (int)-child);
  }
  int status = 0;
  siginfo_t info;
  while (!collect(child, &status)) {
    int number = signals_wait(&info, -1);
    if (number == SIGCHLD || signals_own_sigpipe(&info)) continue;
    int passed = options->rewrite[number];
    if (passed != 0) forward_signal(child, options->group, passed, &info);
  }
  terminal_take_back(&terminal);
  terminate_all(options->grace_ms, child, NULL);
  return options->exit_code[reap_exit_code(status)];
}
