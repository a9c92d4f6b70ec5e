/* Reads the request of one spawn, as src/spawn-request.ts packs it, into a plan whose text and lists stand in the environment's arena. */
#include "spawn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where each number of a request stands; the same order as in src/spawn-request.ts. */
enum {
  AT_HAS,
  AT_SESSION,
  AT_PROCESS_GROUP,
  AT_CONTROLLING_TERMINAL,
  AT_CGROUP,
  AT_NICE,
  AT_OOM_SCORE,
  AT_GID,
  AT_UID,
  AT_BOUNDING_LOW,
  AT_BOUNDING_HIGH,
  AT_AMBIENT_LOW,
  AT_AMBIENT_HIGH,
  AT_UMASK,
  AT_PARENT_DEATH_SIGNAL,
  AT_BIRTH_FD,
  AT_BIRTH_PLACE,
  AT_LOCK,
  AT_FILES,
  AT_ARGV,
  AT_ENV,
  AT_DESCRIPTORS,
  AT_LIMITS,
  AT_GROUPS,
  AT_LISTS
};

struct request {
  const double *numbers;
  size_t count;
  size_t at;
  struct spawn_plan *plan;
};

static void refuse(struct spawn_plan *plan, int stage, int error) {
  if (plan->stage != 0) return;
  plan->stage = stage;
  plan->error = error;
}

/* A number that is not whole or out of range is refused under its stage: cut to size, a uid of 4294967296 would be root. */
static int64_t whole(struct request *request, size_t index, double low, double high, int stage) {
  double number = index < request->count ? request->numbers[index] : -1e300;
  if (number >= low && number <= high && (double)(int64_t)number == number) return (int64_t)number;
  refuse(request->plan, stage, EINVAL);
  return 0;
}

static int64_t optional(struct request *request, uint32_t flag, size_t index, double low, double high, int stage) {
  return request->plan->has & flag ? whole(request, index, low, high, stage) : 0;
}

static rlim_t limit_at(struct request *request, size_t index) {
  int64_t value = whole(request, index, -1, 9007199254740991.0, STAGE_LIMITS);
  return value == -1 ? RLIM_INFINITY : (rlim_t)value;
}

/* The id 4294967295 means "unchanged" to the kernel, so it is no id. */
#define HIGHEST_ID 4294967294.0

static void read_numbers(struct request *request) {
  struct spawn_plan *plan = request->plan;
  plan->has = (uint32_t)whole(request, AT_HAS, 0, UINT32_MAX, STAGE_CLONE);
  plan->session = (int)whole(request, AT_SESSION, 0, SESSION_DETACHED, STAGE_SESSION);
  /* Its parent is the leader that is to end, so that it can be nobody's sibling, and would note the leader's number. */
  if (plan->session == SESSION_DETACHED && plan->has & (HAS_SIBLING | HAS_BIRTH)) refuse(plan, STAGE_SESSION, EINVAL);
  plan->process_group = (pid_t)whole(request, AT_PROCESS_GROUP, 0, INT32_MAX, STAGE_PROCESS_GROUP);
  plan->controlling_terminal = (int)optional(request, HAS_CONTROLLING_TERMINAL, AT_CONTROLLING_TERMINAL, 0,
                                             (double)plan->descriptor_count - 1, STAGE_CONTROLLING_TERMINAL);
  plan->cgroup_fd = (int)optional(request, HAS_CGROUP, AT_CGROUP, 0, INT32_MAX, STAGE_CGROUP);
  plan->nice = (int)optional(request, HAS_NICE, AT_NICE, -20, 19, STAGE_NICE);
  plan->oom_score = (int)optional(request, HAS_OOM_SCORE, AT_OOM_SCORE, -1000, 1000, STAGE_OOM_SCORE);
  plan->gid = (gid_t)optional(request, HAS_GID, AT_GID, 0, HIGHEST_ID, STAGE_GID);
  plan->uid = (uid_t)optional(request, HAS_UID, AT_UID, 0, HIGHEST_ID, STAGE_UID);
  plan->bounding = (uint64_t)whole(request, AT_BOUNDING_LOW, 0, UINT32_MAX, STAGE_CAPABILITIES) |
                   (uint64_t)whole(request, AT_BOUNDING_HIGH, 0, UINT32_MAX, STAGE_CAPABILITIES) << 32;
  plan->ambient = (uint64_t)whole(request, AT_AMBIENT_LOW, 0, UINT32_MAX, STAGE_CAPABILITIES) |
                  (uint64_t)whole(request, AT_AMBIENT_HIGH, 0, UINT32_MAX, STAGE_CAPABILITIES) << 32;
  plan->umask = (mode_t)optional(request, HAS_UMASK, AT_UMASK, 0, 0777, STAGE_UMASK);
  plan->birth_fd = (int)optional(request, HAS_BIRTH, AT_BIRTH_FD, 0, INT32_MAX, STAGE_DESCRIPTORS);
  plan->birth_at = (off_t)optional(request, HAS_BIRTH, AT_BIRTH_PLACE, 0, INT32_MAX, STAGE_DESCRIPTORS);
  plan->lock = (int)optional(request, HAS_LOCK, AT_LOCK, 0, (double)plan->descriptor_count - 1, STAGE_LOCK);
  plan->parent_death_signal =
      (int)optional(request, HAS_PARENT_DEATH_SIGNAL, AT_PARENT_DEATH_SIGNAL, 0, 64, STAGE_PARENT_DEATH_SIGNAL);
}

static void read_lists(struct request *request) {
  struct spawn_plan *plan = request->plan;
  for (unsigned i = 0; i < plan->limit_count; i++) {
    plan->limits[i].resource = (int)whole(request, request->at, 0, INT32_MAX, STAGE_LIMITS);
    plan->limits[i].value.rlim_cur = limit_at(request, request->at + 1);
    plan->limits[i].value.rlim_max = limit_at(request, request->at + 2);
    request->at += 3;
  }
  for (unsigned i = 0; i < plan->group_count; i++)
    plan->groups[i] = (gid_t)whole(request, request->at++, 0, HIGHEST_ID, STAGE_GROUPS);
  for (unsigned i = 0; i < plan->descriptor_count; i++)
    plan->descriptors[i] = (int)whole(request, request->at++, -1, INT32_MAX, STAGE_DESCRIPTORS);
}

/* Text that JavaScript gave as bytes (used in place where its last entry is ended) or as a string (to be copied). */
struct text {
  char *bytes;
  size_t length;
  bool is_string;
  bool copied;
};

static bool read_text(napi_env env, napi_value value, struct text *text) {
  void *bytes;
  if (array_argument(env, value, napi_uint8_array, &bytes, &text->length)) {
    text->bytes = bytes;
    text->copied = text->length > 0 && text->bytes[text->length - 1] != 0;
    return true;
  }
  text->is_string = text->copied = true;
  return napi_get_value_string_utf8(env, value, NULL, 0, &text->length) == napi_ok;
}

static size_t count_entries(const struct text *text) {
  size_t count = text->length > 0 && text->bytes[text->length - 1] != 0;
  for (const char *at = text->bytes, *end = at + text->length; at < end && (at = memchr(at, 0, (size_t)(end - at)));
       at++)
    count++;
  return count;
}

static char *place_text(napi_env env, napi_value value, struct text *text, char *at) {
  if (!text->copied) return at;
  if (text->is_string) napi_get_value_string_utf8(env, value, at, text->length + 1, &text->length);
  else memcpy(at, text->bytes, text->length);
  text->bytes = at;
  at[text->length] = 0;
  return at + text->length + 1;
}

/* `count` pointers to entries ended by NUL, and a final NULL; gives where the next entry stands. */
static char *place_pointers(char **pointers, size_t count, char *entry) {
  for (size_t i = 0; i < count; i++, entry += strlen(entry) + 1) pointers[i] = entry;
  pointers[count] = NULL;
  return entry;
}

static bool reserve(struct arena *arena, size_t size) {
  if (size <= arena->size) return true;
  char *bytes = realloc(arena->bytes, size);
  if (bytes == NULL) return false;
  arena->bytes = bytes;
  arena->size = size;
  return true;
}

/* Fills the arena: lists of numbers first (the widest), then pointers, then text. */
static void place(napi_env env, struct arena *arena, napi_value *arguments, struct request *request, struct text *text,
                  struct text *environment, const size_t *counts) {
  struct spawn_plan *plan = request->plan;
  plan->limits = (struct limit *)arena->bytes;
  plan->files = (char **)(plan->limits + plan->limit_count);
  plan->argv = plan->files + counts[0] + 1;
  plan->env = plan->argv + counts[1] + 1;
  plan->groups = (gid_t *)(plan->env + counts[2] + 2);
  plan->descriptors = (int *)(plan->groups + plan->group_count);
  char *at = (char *)(plan->descriptors + plan->descriptor_count);
  at = place_text(env, arguments[1], text, at);
  place_text(env, arguments[2], environment, at);
  size_t paths = !!(plan->has & HAS_ROOT) + !!(plan->has & HAS_WORKING_DIRECTORY);
  if (count_entries(text) != counts[0] + counts[1] + paths || count_entries(environment) != counts[2])
    return refuse(plan, STAGE_EXEC, EINVAL);
  char *entry = place_pointers(plan->files, counts[0], text->bytes);
  entry = place_pointers(plan->argv, counts[1], entry);
  if (plan->has & HAS_ROOT) {
    plan->root = entry;
    entry += strlen(entry) + 1;
  }
  if (plan->has & HAS_WORKING_DIRECTORY) plan->working_directory = entry;
  place_pointers(plan->env, counts[2], environment->bytes);
  if (plan->has & HAS_LISTEN_PID) {
    plan->listen_entry = &plan->env[counts[2]];
    *plan->listen_entry = plan->listen_pid;
    plan->env[counts[2] + 1] = NULL;
  }
  read_lists(request);
}

void spawn_read_request(napi_env env, struct arena *arena, napi_value *arguments, struct spawn_plan *plan) {
  void *numbers;
  struct request request = {.plan = plan, .at = AT_LISTS};
  struct text text = {0};
  struct text environment = {0};
  if (!array_argument(env, arguments[0], napi_float64_array, &numbers, &request.count) ||
      !read_text(env, arguments[1], &text) || !read_text(env, arguments[2], &environment))
    return refuse(plan, STAGE_EXEC, EINVAL);
  request.numbers = numbers;
  size_t counts[3];
  for (size_t i = 0; i < 3; i++) counts[i] = (size_t)whole(&request, AT_FILES + i, 0, INT32_MAX, STAGE_EXEC);
  if (!environment.is_string) counts[2] = count_entries(&environment);
  plan->descriptor_count = (unsigned)whole(&request, AT_DESCRIPTORS, 0, 65536, STAGE_DESCRIPTORS);
  plan->limit_count = (unsigned)whole(&request, AT_LIMITS, 0, 256, STAGE_LIMITS);
  plan->group_count = (unsigned)whole(&request, AT_GROUPS, 0, 65536, STAGE_GROUPS);
  read_numbers(&request);
  if (plan->stage == 0 && counts[1] == 0) refuse(plan, STAGE_EXEC, EINVAL);
  if (plan->stage != 0) return;
  size_t size = plan->limit_count * sizeof(struct limit) + (counts[0] + counts[1] + counts[2] + 4) * sizeof(char *) +
                plan->group_count * sizeof(gid_t) + plan->descriptor_count * sizeof(int) + text.length +
                environment.length + 2;
  if (!reserve(arena, size)) return refuse(plan, STAGE_CLONE, ENOMEM);
  place(env, arena, arguments, &request, &text, &environment, counts);
}
