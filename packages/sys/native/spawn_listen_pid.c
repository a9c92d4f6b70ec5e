/* What a child that is passed sockets is told in its environment (sd_listen_fds(3)), of itself, without libc's help. */
#include "spawn.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void spawn_tell_listen_pid(struct spawn_plan *plan) {
  static const char name[] = "LISTEN_PID=";
  char *at = plan->listen_pid + sizeof(plan->listen_pid) - 1;
  *at = 0;
  for (unsigned long pid = (unsigned long)syscall(SYS_getpid); pid > 0; pid /= 10) *--at = (char)('0' + pid % 10);
  at -= sizeof(name) - 1;
  memcpy(at, name, sizeof(name) - 1);
  *plan->listen_entry = at;
}
