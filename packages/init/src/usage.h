/* What --help, --version and --license print. */
#ifndef SUPERVISE_INIT_USAGE_H
#define SUPERVISE_INIT_USAGE_H

#include "options.h"

/* Each returns the exit code: 0, or 1 if standard output takes no text. */
int usage_help(enum personality personality);
int usage_version(enum personality personality);
int usage_license(void);

#endif
