/*
 * What runs under an init in the orphan storm.
 *
 *   orphans FILE COUNT    makes COUNT orphans, a hundred at a time, stamps, and waits for a signal
 *
 * A process in the middle makes a hundred that wait for the end of a pipe, and ends: they go to the init. Then the pipe is closed, and
 * all hundred end at once.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/wait.h>

#include "page.h"

enum { at_once = 100 };

static int wave(long count) {
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) != 0) return -1;
  pid_t middle = fork();
  if (middle == 0) {
    close(gate[1]);
    for (long made = 0; made < count; made++) {
      pid_t pid = fork();
      if (pid < 0) _exit(1);
      char nothing;
      if (pid == 0) _exit(read(gate[0], &nothing, 1) == 0 ? 0 : 1);
    }
    _exit(0);
  }
  int status = 1;
  if (middle > 0) waitpid(middle, &status, 0);
  close(gate[0]);
  close(gate[1]);
  return middle > 0 && status == 0 ? 0 : -1;
}

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  struct moment *moment = page_open(argv[1]);
  if (moment == NULL) return 1;
  for (long left = atol(argv[2]); left > 0; left -= at_once)
    if (wave(left < at_once ? left : at_once) != 0) return 2;
  page_stamp(moment);
  for (;;) pause();
}
