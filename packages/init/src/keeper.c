#include "keeper.h"

#include "report.h"

int keeper_main(const struct options *options, int argc, char **argv, char **envp) {
  (void)options, (void)argc, (void)argv, (void)envp;
  report("cannot start the supervisor: this build has no keeper");
  return 1;
}
