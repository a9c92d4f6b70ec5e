/* All descriptors of another process in one call: what /proc tells of each takes three to five system calls, and as many crossings of the border would cost more. */
#include "addon.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The same order as in src/descriptor-list.ts. The texts stand behind it: the link's target, then fdinfo. */
struct record {
  double size, inode;
  uint32_t fd, target_length, info_length;
  /* 0: the target is no path, or cannot be looked at. */
  uint32_t mode;
  uint32_t major, minor;
};

struct list {
  char *bytes;
  size_t size, used;
};

/* statx does not ask the server of a network file system, which may be gone. */
static void look_at_file(int directory, const char *name, struct record *record) {
  struct statx found;
  if (statx(directory, name, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_SIZE | STATX_INO, &found) < 0) return;
  record->mode = found.stx_mode;
  record->size = (double)found.stx_size;
  record->inode = (double)found.stx_ino;
  record->major = found.stx_rdev_major;
  record->minor = found.stx_rdev_minor;
}

/* A file of /proc that is a list fills a page before a read of it ends early, as in files.c: less than this was all there is. */
#define SURELY_THE_END 2048

static ssize_t read_info(int directory, const char *name, char *bytes, size_t size) {
  int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  size_t done = 0;
  ssize_t count;
  do {
    count = read(fd, bytes + done, size - done);
    if (count > 0) done += (size_t)count;
  } while (count >= SURELY_THE_END);
  close(fd);
  return count < 0 ? -1 : (ssize_t)done;
}

/* 1: added; 0: it was closed meanwhile; else a negative errno. */
static int add_descriptor(struct list *list, int links, int infos, const char *name) {
  if (list->size - list->used < sizeof(struct record)) return -ERANGE;
  struct record record = {.fd = (uint32_t)atoi(name)};
  char *text = list->bytes + list->used + sizeof(record);
  size_t room = list->size - list->used - sizeof(record);
  ssize_t target = readlinkat(links, name, text, room);
  if (target < 0) return errno == EACCES || errno == EPERM ? -errno : 0;
  if ((size_t)target == room) return -ERANGE;
  ssize_t info = read_info(infos, name, text + target, room - (size_t)target);
  if (info < 0) return errno == EACCES || errno == EPERM ? -errno : 0;
  if ((size_t)(target + info) == room) return -ERANGE;
  record.target_length = (uint32_t)target;
  record.info_length = (uint32_t)info;
  if (text[0] == '/') look_at_file(links, name, &record);
  memcpy(list->bytes + list->used, &record, sizeof(record));
  size_t length = sizeof(record) + (size_t)(target + info);
  size_t padded = (length + sizeof(double) - 1) / sizeof(double) * sizeof(double);
  if (padded > list->size - list->used) return -ERANGE;
  list->used += padded;
  return 1;
}

static int add_all(struct list *list, DIR *directory, int infos) {
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    int added = add_descriptor(list, dirfd(directory), infos, entry->d_name);
    if (added < 0) return added;
  }
  return 0;
}

/* descriptorList(path of the process in proc, bytes): how many bytes of `bytes` the records take; -ERANGE where they are too few. */
static napi_value sys_descriptor_list(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  char path[64], place[96];
  void *bytes;
  size_t size;
  int error = text_argument(env, arguments[0], path, sizeof(path));
  if (error < 0) return number_value(env, error);
  if (!array_argument(env, arguments[1], napi_uint8_array, &bytes, &size)) return number_value(env, -EINVAL);
  strcat(strcpy(place, path), "/fd");
  DIR *directory = opendir(place);
  if (directory == NULL) return result_value(env, -1);
  strcat(place, "info");
  int infos = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct list list = {.bytes = bytes, .size = size};
  error = infos < 0 ? -errno : add_all(&list, directory, infos);
  if (infos >= 0) close(infos);
  closedir(directory);
  return number_value(env, error < 0 ? error : (double)list.used);
}

void descriptor_list_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"descriptorList", sys_descriptor_list}};
  EXPORT_CALLS(env, exports, calls);
}
