/*
 * The service of every measurement: it writes the time of its first
 * instruction into its slot and waits for a signal.
 *
 *   stamp FILE INDEX
 *   ./run              (runit, s6, daemontools) the index is the number at the
 *                      end of the current directory's name, the file is
 *                      ../../stamps: no shell stands between supervisor and service
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "slots.h"

static long index_from_directory(void) {
  static char directory[PATH_MAX];
  if (getcwd(directory, sizeof directory) == NULL) return -1;
  const char *digits = strrchr(directory, '/');
  while (*digits != '\0' && (*digits < '0' || *digits > '9')) digits++;
  return *digits == '\0' ? -1 : atol(digits);
}

int main(int argc, char **argv) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);

  const char *path = argc == 3 ? argv[1] : "../../stamps";
  long index = argc == 3 ? atol(argv[2]) : index_from_directory();
  int fd = open(path, O_RDWR | O_CLOEXEC);
  struct stat file;
  if (fd < 0 || fstat(fd, &file) != 0) return 1;
  if (index < 0 || (index + 2) * (long)sizeof(struct slot) > file.st_size) return 2;
  char *base = mmap(NULL, (size_t)file.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return 3;
  close(fd);

  struct slots_header *header = (struct slots_header *)base;
  struct slot *slot = (struct slot *)(base + sizeof *header) + index;
  slot->stamp_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
  slot->pid = getpid();
  atomic_fetch_add(&slot->runs, 1);
  if (atomic_fetch_add(&header->stamps, 1) + 1 >= atomic_load(&header->awaited))
    syscall(SYS_futex, &header->stamps, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
  for (;;) pause();
}
