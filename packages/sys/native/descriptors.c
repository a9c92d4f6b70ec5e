/* Descriptors that have no name: files in memory, pairs of sockets, copies. All are close-on-exec. */
#include "addon.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* memfd_create(2) allows so many bytes of a name, without its NUL. */
#define LONGEST_NAME 249

/* memoryFile(name): a descriptor of an empty file in memory, or a negative errno. */
static napi_value sys_memory_file(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  char name[LONGEST_NAME + 1];
  int error = text_argument(env, arguments[0], name, sizeof(name));
  if (error < 0) return number_value(env, error);
  return result_value(env, memfd_create(name, MFD_CLOEXEC));
}

/* socketPair(pair: Int32Array): 0 and both ends, which keep the bounds of messages, or a negative errno. */
static napi_value sys_socket_pair(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int ends[2];
  void *pair;
  size_t length;
  if (!array_argument(env, arguments[0], napi_int32_array, &pair, &length) || length < 2)
    return number_value(env, -EINVAL);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return result_value(env, -1);
  memcpy(pair, ends, sizeof(ends));
  return number_value(env, 0);
}

/* duplicate(fd): another number of the same open file, or a negative errno. */
static napi_value sys_duplicate(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  return result_value(env, fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

/* Read ends stay open for as long as a service lives. Below this they would fill the numbers that each child's table is copied up to (own_descriptors). */
#define LONG_LIVED 256

/* How large the table of descriptors has been made in the background. */
static int reserved;

/*
 * The kernel makes the table larger by doubling it, and then waits for all processors to have left the old one (synchronize_rcu, 5 to 30 ms) if the
 * process has several threads, which Node always has. Only the thread that caused it waits.
 */
static void *reserve(void *wanted) {
  int count = (int)(intptr_t)wanted;
  int fd = eventfd(0, EFD_CLOEXEC);
  int last = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, count - 1);
  if (last >= 0) close(last);
  if (fd >= 0) close(fd);
  if (last >= 0) __atomic_store_n(&reserved, count, __ATOMIC_RELAXED);
  return NULL;
}

/* reserveDescriptors(count): 0, or a negative errno where no thread could be started. No more than the limit of open files. */
static napi_value sys_reserve_descriptors(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int count;
  struct rlimit limit;
  if (!int_argument(env, arguments[0], &count) || count < 1) return number_value(env, -EINVAL);
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)count > limit.rlim_cur) count = (int)limit.rlim_cur;
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&thread, NULL, reserve, (void *)(intptr_t)count);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) pthread_detach(thread);
  return number_value(env, -error);
}

/* Not while the table would have to grow for it, nor where the limit of open files is lower. */
static int move_up(int fd) {
  if (__atomic_load_n(&reserved, __ATOMIC_RELAXED) <= LONG_LIVED) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, LONG_LIVED);
  if (moved < 0) return fd;
  close(fd);
  return moved;
}

/* The write end opened anew for both directions, or, where /proc is missing, as it is; it waits, as programs expect of their output. */
static int open_both(int write_end) {
  char path[32];
  snprintf(path, sizeof(path), "/proc/self/fd/%d", write_end);
  int both = open(path, O_RDWR | O_CLOEXEC);
  if (both < 0) {
    fcntl(write_end, F_SETFL, 0);
    return write_end;
  }
  close(write_end);
  return both;
}

/* outputPipe(facts: Float64Array): 0, the read end, the child's end and the inode, or a negative errno and none. */
static napi_value sys_output_pipe(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int ends[2];
  void *facts;
  size_t length;
  struct stat status;
  if (!array_argument(env, arguments[0], napi_float64_array, &facts, &length) || length < 3)
    return number_value(env, -EINVAL);
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return result_value(env, -1);
  if (fstat(ends[0], &status) < 0) status.st_ino = 0;
  const double all[3] = {move_up(ends[0]), open_both(ends[1]), (double)status.st_ino};
  memcpy(facts, all, sizeof(all));
  return number_value(env, 0);
}

/* readable(fd): bytes that can be read now, or a negative errno. */
static napi_value sys_readable(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd, count;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  return ioctl(fd, FIONREAD, &count) < 0 ? result_value(env, -1) : number_value(env, count);
}

/* widenPipe(fd, bytes): what the pipe holds from now on, at least that much, or a negative errno. */
static napi_value sys_widen_pipe(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd, bytes;
  if (!int_argument(env, arguments[0], &fd) || !int_argument(env, arguments[1], &bytes) || bytes < 1)
    return number_value(env, -EINVAL);
  return result_value(env, fcntl(fd, F_SETPIPE_SZ, bytes));
}

/* allocate(fd, offset, length): 0, or a negative errno. */
static napi_value sys_allocate(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int fd;
  int64_t offset, length;
  if (!int_argument(env, arguments[0], &fd) || !whole_argument(env, arguments[1], 0, 1e15, &offset) ||
      !whole_argument(env, arguments[2], 1, INT32_MAX, &length))
    return number_value(env, -EINVAL);
  int error;
  do error = posix_fallocate(fd, (off_t)offset, (off_t)length);
  while (error == EINTR);
  return number_value(env, -error);
}

/* leash(fd, processGroup): 0, or a negative errno. 0 as group: the leash is taken off. */
static napi_value sys_leash(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd, group;
  if (!int_argument(env, arguments[0], &fd) || !int_argument(env, arguments[1], &group) || group < 0)
    return number_value(env, -EINVAL);
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return result_value(env, -1);
  if (group == 0) return result_value(env, fcntl(fd, F_SETFL, flags & ~O_ASYNC));
  if (fcntl(fd, F_SETSIG, SIGKILL) < 0 || fcntl(fd, F_SETOWN, -group) < 0) return result_value(env, -1);
  return result_value(env, fcntl(fd, F_SETFL, flags | O_ASYNC));
}

static void unmap(napi_env env, void *memory, void *length) {
  (void)env;
  munmap(memory, (size_t)(uintptr_t)length);
}

/* mapShared(fd, offset, length): an ArrayBuffer, or a negative errno. */
static napi_value sys_map_shared(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int fd;
  int64_t offset, length;
  if (!int_argument(env, arguments[0], &fd) || !whole_argument(env, arguments[1], 0, 1e15, &offset) ||
      !whole_argument(env, arguments[2], 1, INT32_MAX, &length))
    return number_value(env, -EINVAL);
  void *memory = mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
  if (memory == MAP_FAILED) return result_value(env, -1);
  napi_value buffer;
  void *hint = (void *)(uintptr_t)length;
  if (napi_create_external_arraybuffer(env, memory, (size_t)length, unmap, hint, &buffer) == napi_ok) return buffer;
  munmap(memory, (size_t)length);
  return number_value(env, -ENOTSUP);
}

void descriptors_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"reserveDescriptors", sys_reserve_descriptors},
                                        {"memoryFile", sys_memory_file},
                                        {"socketPair", sys_socket_pair},
                                        {"duplicate", sys_duplicate},
                                        {"readable", sys_readable},
                                        {"allocate", sys_allocate},
                                        {"leash", sys_leash},
                                        {"mapShared", sys_map_shared},
                                        {"outputPipe", sys_output_pipe},
                                        {"widenPipe", sys_widen_pipe}};
  EXPORT_CALLS(env, exports, calls);
}
