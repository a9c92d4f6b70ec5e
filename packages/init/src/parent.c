#include "parent.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first form of this struct; headers may be older than the kernel. */
struct pidfd_info {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t pid, tgid, ppid;
  uint32_t credentials[8];
  int32_t exit_code;
};
#define GET_INFO _IOWR(0xff, 11, struct pidfd_info)

int parent_number(const char *text) {
  int number = 0;
  for (; *text >= '0' && *text <= '9' && number < 1 << 22; text++) number = number * 10 + (*text - '0');
  return number;
}

/* Field 4, after the name in parentheses, which may hold any byte. */
int parent_in_proc(int process) {
  char text[512];
  int file = openat(process, "stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *after = strrchr(text, ')');
  return after && strlen(after) > 4 ? parent_number(after + 4) : 0;
}

int parent_of_pidfd(int process, int pid) {
  struct pidfd_info info = {.mask = 1};
  if (ioctl(process, GET_INFO, &info) == 0) return (int)info.ppid;
  /* Looks, waits for nothing and collects nothing; an error says that this is no child of ours. */
  return syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOHANG | WNOWAIT, NULL) == 0 ? getpid() : 0;
}
