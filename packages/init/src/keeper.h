/* The second role: above a supervisor that may die. */
#ifndef SUPERVISE_INIT_KEEPER_H
#define SUPERVISE_INIT_KEEPER_H

#include "options.h"

/*
 * Called with all signals blocked and remembered (signals.h). argv is the whole command line; argv[options->command] is `up`. What stands
 * before it are the init's own options, what follows belongs to the supervisor. Returns the exit code of the init.
 */
int keeper_main(const struct options *options, int argc, char **argv, char **envp);

#endif
