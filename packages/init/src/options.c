#include "options.h"

#include <stddef.h>
#include <string.h>

#include "report.h"
#include "signals.h"

const char *variable(char **envp, const char *name) {
  size_t length = strlen(name);
  for (; *envp; envp++)
    if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=') return *envp + length + 1;
  return NULL;
}

int parse_options(struct options *options, int argc, char **argv, char **envp) {
  (void)envp;
  *options = (struct options){.verbosity = 1, .grace_ms = 5000};
  for (int i = 0; i < 256; i++) options->exit_code[i] = (uint8_t)i;
  for (int i = 1; i <= SIGNAL_COUNT; i++) options->rewrite[i] = (uint8_t)i;
  int at = 1;
  bool words = false;
  for (; at < argc && *argv[at] == '-' && !words; at++) {
    if (strcmp(argv[at], "--") == 0) words = true;
    else if (strcmp(argv[at], "-g") == 0) options->group = true;
    else return report("unknown option"), EXIT_USAGE;
  }
  if (at >= argc) return report("cannot run: no command given"), EXIT_USAGE;
  options->up = !words && strcmp(argv[at], "up") == 0;
  options->command = at;
  return -1;
}
