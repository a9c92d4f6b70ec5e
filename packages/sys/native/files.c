/* Files and pipes: one call each; interrupted calls are repeated. */
#include "addon.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY(result, call)                                                                                            \
  do (result) = (call);                                                                                                \
  while ((result) < 0 && errno == EINTR)

#define PATH_ARGUMENT(index)                                                                                           \
  char path[PATH_MAX];                                                                                                 \
  int path_error = text_argument(env, arguments[index], path, sizeof(path));                                           \
  if (path_error < 0) return number_value(env, path_error)

/* (fd, bytes, offset, length), the part of `bytes` checked to lie inside it. */
static bool part_arguments(napi_env env, napi_value *arguments, int *fd, char **start, size_t *length) {
  void *bytes;
  size_t size;
  int64_t offset, count;
  if (!int_argument(env, arguments[0], fd) || !array_argument(env, arguments[1], napi_uint8_array, &bytes, &size) ||
      !whole_argument(env, arguments[2], 0, (double)size, &offset) ||
      !whole_argument(env, arguments[3], 0, (double)(size - (size_t)offset), &count))
    return false;
  *start = (char *)bytes + offset;
  *length = (size_t)count;
  return true;
}

static napi_value sys_read(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  int fd;
  char *start;
  size_t length;
  if (!part_arguments(env, arguments, &fd, &start, &length)) return number_value(env, -EINVAL);
  ssize_t result;
  RETRY(result, read(fd, start, length));
  return result_value(env, result);
}

static napi_value sys_write(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  int fd;
  char *start;
  size_t length;
  if (!part_arguments(env, arguments, &fd, &start, &length)) return number_value(env, -EINVAL);
  ssize_t result;
  RETRY(result, write(fd, start, length));
  return result_value(env, result);
}

/* Never repeated: Linux has released the number even where it says EINTR. */
static napi_value sys_close(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  int result = close(fd);
  return result_value(env, result < 0 && errno == EINTR ? 0 : result);
}

static napi_value sys_open(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  PATH_ARGUMENT(0);
  int flags, mode, fd;
  if (!int_argument(env, arguments[1], &flags) || !int_argument(env, arguments[2], &mode))
    return number_value(env, -EINVAL);
  RETRY(fd, open(path, flags | O_CLOEXEC, (mode_t)mode));
  return result_value(env, fd);
}

/*
 * Files of /proc that are lists fill a page before a read of them ends early (seq_read_iter in fs/seq_file.c), files of processes' memory the whole buffer: less
 * than this was all there is. To ask once more for the children of a process makes the kernel walk all of them again.
 */
#define SURELY_THE_END 2048

static ssize_t read_all(int fd, char *bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t count;
    RETRY(count, read(fd, bytes + done, size - done));
    if (count < 0) return -1;
    if (count == 0) break;
    done += (size_t)count;
    if (count < SURELY_THE_END) break;
  }
  return (ssize_t)done;
}

/* readFile(path, bytes): open, read until the end or until `bytes` is full, close. For files of /proc and files on disks. Never waits for the writer of a FIFO. */
static napi_value sys_read_file(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  PATH_ARGUMENT(0);
  void *bytes;
  size_t size;
  int fd;
  if (!array_argument(env, arguments[1], napi_uint8_array, &bytes, &size)) return number_value(env, -EINVAL);
  RETRY(fd, open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (fd < 0) return result_value(env, -1);
  napi_value result = result_value(env, read_all(fd, bytes, size));
  close(fd);
  return result;
}

static int write_all(int fd, const char *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t count;
    RETRY(count, write(fd, bytes + done, size - done));
    if (count < 0) return -1;
    done += (size_t)count;
  }
  return 0;
}

/* A file aside that is left from a process of our pid that was killed in between is nobody's any more. */
static int create_aside(const char *path) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = open(path, flags, 0600);
  if (fd < 0 && errno == EEXIST && unlink(path) == 0) fd = open(path, flags, 0600);
  return fd;
}

/* fchmod sets the mode whatever the umask is; the name appears only once all is there. */
static int fill_and_rename(int fd, const char *aside, const char *path, const char *bytes, size_t size, mode_t mode) {
  if (fchmod(fd, mode) < 0 || write_all(fd, bytes, size) < 0 || rename(aside, path) < 0) {
    int error = errno;
    unlink(aside);
    close(fd);
    errno = error;
    return -1;
  }
  close(fd);
  return 0;
}

static napi_value sys_replace_file(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  PATH_ARGUMENT(0);
  void *bytes;
  size_t size;
  int64_t mode;
  char aside[PATH_MAX];
  if (!array_argument(env, arguments[1], napi_uint8_array, &bytes, &size) ||
      !whole_argument(env, arguments[2], 0, 07777, &mode))
    return number_value(env, -EINVAL);
  int length = snprintf(aside, sizeof(aside), "%s.%d.new", path, (int)getpid());
  if (length < 0 || (size_t)length >= sizeof(aside)) return number_value(env, -ENAMETOOLONG);
  int fd = create_aside(aside);
  return result_value(env, fd < 0 ? -1 : fill_and_rename(fd, aside, path, bytes, size, (mode_t)mode));
}

static napi_value sys_unlink(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  PATH_ARGUMENT(0);
  return result_value(env, unlink(path));
}

static napi_value sys_lock(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd, result;
  if (!int_argument(env, arguments[0], &fd)) return number_value(env, -EINVAL);
  RETRY(result, flock(fd, LOCK_EX | LOCK_NB));
  return result_value(env, result);
}

/* Sets or clears one bit of what F_GETFL or F_GETFD tells. */
static napi_value change_flag(napi_env env, napi_callback_info info, int get, int set, int flag) {
  ARGUMENTS(2);
  int fd;
  bool on;
  if (!int_argument(env, arguments[0], &fd) || napi_get_value_bool(env, arguments[1], &on) != napi_ok)
    return number_value(env, -EINVAL);
  int flags = fcntl(fd, get);
  if (flags < 0) return result_value(env, -1);
  return result_value(env, fcntl(fd, set, on ? flags | flag : flags & ~flag) < 0 ? -1 : 0);
}

static napi_value sys_set_non_blocking(napi_env env, napi_callback_info info) {
  return change_flag(env, info, F_GETFL, F_SETFL, O_NONBLOCK);
}

static napi_value sys_set_close_on_exec(napi_env env, napi_callback_info info) {
  return change_flag(env, info, F_GETFD, F_SETFD, FD_CLOEXEC);
}

/* pipe(size or 0, pair: Int32Array): 0 and both ends, or a negative errno and none. */
static napi_value sys_pipe(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int size, ends[2];
  void *pair;
  size_t length;
  if (!int_argument(env, arguments[0], &size) || size < 0 ||
      !array_argument(env, arguments[1], napi_int32_array, &pair, &length) || length < 2)
    return number_value(env, -EINVAL);
  if (pipe2(ends, O_CLOEXEC) < 0) return result_value(env, -1);
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || (size > 0 && fcntl(ends[0], F_SETPIPE_SZ, size) < 0)) {
    napi_value failure = result_value(env, -1);
    close(ends[0]);
    close(ends[1]);
    return failure;
  }
  memcpy(pair, ends, sizeof(ends));
  return number_value(env, 0);
}

void files_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"read", sys_read},
                                        {"write", sys_write},
                                        {"close", sys_close},
                                        {"open", sys_open},
                                        {"readFile", sys_read_file},
                                        {"replaceFile", sys_replace_file},
                                        {"unlink", sys_unlink},
                                        {"lock", sys_lock},
                                        {"pipe", sys_pipe},
                                        {"setNonBlocking", sys_set_non_blocking},
                                        {"setCloseOnExec", sys_set_close_on_exec}};
  EXPORT_CALLS(env, exports, calls);
}
