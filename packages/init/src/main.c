/*
 * supervise-init: an init that cannot be crashed. Either it runs one command, as transparently as possible (run.h), or it stands above a
 * supervisor (keeper.h). No heap, no stdio, no configuration.
 */
#include <unistd.h>

#include "keeper.h"
#include "options.h"
#include "report.h"
#include "run.h"
#include "signals.h"

static int begin(int argc, char **argv, char **envp) {
  int error = signals_start();
  if (error < 0) {
    report_errno("block signals", -error);
    return 1;
  }
  static struct options options;
  int code = parse_options(&options, argc, argv, envp);
  if (code >= 0) return code;
  report_set_level(options.verbosity);
  return options.up ? keeper_main(&options, argc, argv, envp) : run_main(&options, argv, envp);
}

/* Without the ceremonies of exit(3): there is nothing to flush. */
int main(int argc, char **argv, char **envp) { _exit(begin(argc, argv, envp)); }
