/* The user and group databases, with buffers that grow as far as an entry needs. */
#include "addon.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#define FIRST_BUFFER 1024
#define LARGEST_BUFFER ((size_t)1 << 24)
#define LONGEST_NAME 4096
#define HIGHEST_ID 4294967294.0

/* The manual page names these, besides 0, as what a search that finds nothing may give. */
static bool means_absent(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

struct search {
  bool by_name;
  char name[LONGEST_NAME];
  uint32_t id;
};

static int read_search(napi_env env, napi_value key, struct search *search) {
  int64_t id;
  search->by_name = !whole_argument(env, key, 0, HIGHEST_ID, &id);
  if (search->by_name) return text_argument(env, key, search->name, sizeof(search->name));
  search->id = (uint32_t)id;
  return 0;
}

static void set_text(napi_env env, napi_value object, const char *key, const char *text) {
  napi_value value;
  if (napi_create_string_utf8(env, text == NULL ? "" : text, NAPI_AUTO_LENGTH, &value) == napi_ok)
    napi_set_named_property(env, object, key, value);
}

static void set_number(napi_env env, napi_value object, const char *key, double number) {
  napi_set_named_property(env, object, key, number_value(env, number));
}

static int find_user(const struct search *search, struct passwd *entry, char *buffer, size_t size, void **found) {
  return search->by_name ? getpwnam_r(search->name, entry, buffer, size, (struct passwd **)found)
                         : getpwuid_r(search->id, entry, buffer, size, (struct passwd **)found);
}

static int find_group(const struct search *search, struct group *entry, char *buffer, size_t size, void **found) {
  return search->by_name ? getgrnam_r(search->name, entry, buffer, size, (struct group **)found)
                         : getgrgid_r(search->id, entry, buffer, size, (struct group **)found);
}

union entry {
  struct passwd user;
  struct group group;
};

/* 1 found, 0 absent, or a negative errno; the entry's text stands in `*buffer`, the caller's to free in every case. */
static int find(bool user, const struct search *search, union entry *entry, char **buffer) {
  *buffer = NULL;
  for (size_t size = FIRST_BUFFER; size <= LARGEST_BUFFER; size *= 4) {
    char *larger = realloc(*buffer, size);
    if (larger == NULL) return -ENOMEM;
    *buffer = larger;
    void *found = NULL;
    int error;
    do
      error = user ? find_user(search, &entry->user, larger, size, &found)
                   : find_group(search, &entry->group, larger, size, &found);
    while (error == EINTR);
    if (found != NULL) return 1;
    if (error != ERANGE) return means_absent(error) ? 0 : -error;
  }
  return -ERANGE;
}

/* lookupUser(name or uid): an object, 0 where there is none, or a negative errno. */
static napi_value sys_lookup_user(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct search search;
  union entry entry;
  char *buffer;
  int found = read_search(env, arguments[0], &search);
  if (found < 0) return number_value(env, found);
  found = find(true, &search, &entry, &buffer);
  napi_value result = number_value(env, found);
  if (found > 0 && napi_create_object(env, &result) == napi_ok) {
    set_text(env, result, "name", entry.user.pw_name);
    set_number(env, result, "uid", entry.user.pw_uid);
    set_number(env, result, "gid", entry.user.pw_gid);
    set_text(env, result, "home", entry.user.pw_dir);
    set_text(env, result, "shell", entry.user.pw_shell);
  }
  free(buffer);
  return result;
}

/* lookupGroup(name or gid): as lookupUser. */
static napi_value sys_lookup_group(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct search search;
  union entry entry;
  char *buffer;
  int found = read_search(env, arguments[0], &search);
  if (found < 0) return number_value(env, found);
  found = find(false, &search, &entry, &buffer);
  napi_value result = number_value(env, found);
  if (found > 0 && napi_create_object(env, &result) == napi_ok) {
    set_text(env, result, "name", entry.group.gr_name);
    set_number(env, result, "gid", entry.group.gr_gid);
  }
  free(buffer);
  return result;
}

/* groupsOf(user, gid, list: Uint32Array): how many groups there are; the list is filled only where it is long enough for all. */
static napi_value sys_groups_of(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  char user[LONGEST_NAME];
  int64_t gid;
  void *list;
  size_t length;
  int error = text_argument(env, arguments[0], user, sizeof(user));
  if (error < 0) return number_value(env, error);
  if (!whole_argument(env, arguments[1], 0, HIGHEST_ID, &gid) ||
      !array_argument(env, arguments[2], napi_uint32_array, &list, &length) || length > INT32_MAX)
    return number_value(env, -EINVAL);
  int count = (int)length;
  getgrouplist(user, (gid_t)gid, list, &count);
  return number_value(env, count);
}

void users_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {
      {"lookupUser", sys_lookup_user}, {"lookupGroup", sys_lookup_group}, {"groupsOf", sys_groups_of}};
  EXPORT_CALLS(env, exports, calls);
}
