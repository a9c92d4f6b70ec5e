#include "personality.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "report.h"
#include "values.h"

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

void personality_start(struct options *options, const char *argv0) {
  const char *slash = strrchr(argv0, '/');
  const char *name = slash ? slash + 1 : argv0;
  /* Packages and releases call it tini-static, tini-amd64 and so on; it is docker-init where Docker brings it. */
  if (starts_with(name, "tini") || strcmp(name, "docker-init") == 0) {
    options->personality = PERSONALITY_TINI;
    report_as("tini");
  } else if (starts_with(name, "dumb-init")) {
    options->personality = PERSONALITY_DUMB_INIT;
    options->group = options->session = true;
    report_as("dumb-init");
  }
}

const char *variable(char **envp, const char *name) {
  size_t length = strlen(name);
  for (; *envp; envp++)
    if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=') return *envp + length + 1;
  return NULL;
}

static bool is(const char *value, const char *wanted) { return value && strcmp(value, wanted) == 0; }

/* Without a terminal of its own session's parent the kernel would ignore these: nobody could continue the child. */
static void stop_for_certain(struct options *options) {
  static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
    if (options->rewrite[stops[i]] == stops[i]) options->rewrite[stops[i]] = SIGSTOP;
}

void personality_environment(struct options *options, char **envp) {
  if (options->personality == PERSONALITY_TINI) {
    if (variable(envp, "TINI_SUBREAPER")) options->subreaper = true;
    if (variable(envp, "TINI_KILL_PROCESS_GROUP")) options->group = true;
    const char *verbosity = variable(envp, "TINI_VERBOSITY");
    int64_t level = 0;
    /* What is no number counts as 0 there. */
    if (verbosity) {
      if (!value_number(verbosity, strlen(verbosity), 1000, &level)) level = 0;
      options->verbosity = (int)level;
    }
  } else if (options->personality == PERSONALITY_DUMB_INIT) {
    if (is(variable(envp, "DUMB_INIT_DEBUG"), "1")) options->verbosity = 3;
    if (is(variable(envp, "DUMB_INIT_SETSID"), "0")) options->group = options->session = false;
    if (options->session) stop_for_certain(options);
  }
}

const char *personality_letters(enum personality personality) {
  switch (personality) {
  case PERSONALITY_TINI:
    return "hspvwgle";
  case PERSONALITY_DUMB_INIT:
    return "crvhV";
  default:
    return "gcrspwvehVl";
  }
}

bool personality_has_long(enum personality personality, const char *name) {
  static const char *const of_dumb_init[] = {"single-child", "rewrite", "verbose", "help", "version"};
  if (personality == PERSONALITY_OWN) return true;
  if (personality == PERSONALITY_TINI) return strcmp(name, "version") == 0;
  for (size_t i = 0; i < sizeof of_dumb_init / sizeof *of_dumb_init; i++)
    if (strcmp(name, of_dumb_init[i]) == 0) return true;
  return false;
}

int personality_usage_code(enum personality personality) { return personality == PERSONALITY_OWN ? EXIT_USAGE : 1; }
