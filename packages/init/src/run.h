/* The first role: one command. */
#ifndef SUPERVISE_INIT_RUN_H
#define SUPERVISE_INIT_RUN_H

#include "options.h"

/* Runs argv[options->command] to its end and to that of all it left behind. The exit code of the init. */
int run_main(const struct options *options, char **argv, char **envp);

#endif
