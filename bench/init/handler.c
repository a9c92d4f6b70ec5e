/*
 * What runs under an init when signals are measured, and while it is idle.
 *
 *   handler FILE    stamps once it is ready, and in its handler for every SIGTERM
 */
#define _GNU_SOURCE
#include <signal.h>

#include "page.h"

static struct moment *moment;

static void on_term(int number) {
  (void)number;
  page_stamp(moment);
}

int main(int argc, char **argv) {
  if (argc < 2 || (moment = page_open(argv[1])) == NULL) return 1;
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
  page_stamp(moment);
  for (;;) pause();
}
