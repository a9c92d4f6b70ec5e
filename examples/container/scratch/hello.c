/* Stands for a server: runs until SIGTERM, and then ends in order; or, with an argument, exits with that code at once. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc > 1) return atoi(argv[1]);
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, NULL);
  printf("hello: ready as process %d\n", (int)getpid());
  fflush(stdout);
  int number;
  sigwait(&term, &number);
  puts("hello: stopping");
  return 0;
}
