#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* How many own descriptors there are at most. */
#define ROOM 24

int descriptors_raise(int descriptor) {
  if (descriptor < 0) return descriptor;
  struct rlimit limit = {.rlim_cur = 64};
  getrlimit(RLIMIT_NOFILE, &limit);
  int from = limit.rlim_cur > 1000 ? 1000 - ROOM : (int)limit.rlim_cur - ROOM;
  if (from < 3) from = 3;
  int raised = fcntl(descriptor, F_DUPFD_CLOEXEC, from);
  if (raised < 0) raised = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  int error = errno;
  close(descriptor);
  return raised < 0 ? -error : raised;
}
