/* The borrowed names: whose options and environment variables are understood. */
#ifndef SUPERVISE_INIT_PERSONALITY_H
#define SUPERVISE_INIT_PERSONALITY_H

#include <stdbool.h>

#include "options.h"

/* Takes the personality from the base name of argv[0], and its defaults. Before the command line is read. */
void personality_start(struct options *options, const char *argv0);

/* What the environment asks for. After the command line: there as in the originals it only adds. */
void personality_environment(struct options *options, char **envp);

/* The letters it knows as options. */
const char *personality_letters(enum personality personality);

/* Does it know this long option? */
bool personality_has_long(enum personality personality, const char *name);

/* Exit code of a command line that is not understood: 64, and 1 where the original has that. */
int personality_usage_code(enum personality personality);

#endif
