/* What every family of calls shares: the data of one environment, and the few conversions between JavaScript and C. */
#pragma once

#include <errno.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

/* Text and pointers of one spawn. */
struct arena {
  char *bytes;
  size_t size;
};

/* One per environment (the main thread and each worker have their own); freed when the environment ends. */
struct addon {
  /* It keeps its size between calls, so that a spawn seldom allocates. */
  struct arena arena;
  /* Stack of the child between clone and exec, with a guard page below; mapped at the first spawn. */
  char *stack;
};

/* Copies a call's arguments, and answers -EINVAL where there are fewer than asked for. */
#define ARGUMENTS(count)                                                                                               \
  napi_value arguments[count];                                                                                         \
  size_t given = (count);                                                                                              \
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < (count))                        \
  return number_value(env, -EINVAL)

static inline napi_value number_value(napi_env env, double number) {
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

/* The result of a system call in the form all families give it: itself, or the negative errno. */
static inline napi_value result_value(napi_env env, long result) {
  return number_value(env, result < 0 ? -(double)errno : (double)result);
}

/* A whole number from `low` to `high`; false for anything else, so that no value is ever cut to another's size. */
static inline bool whole_argument(napi_env env, napi_value value, double low, double high, int64_t *whole) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok || !(number >= low && number <= high)) return false;
  *whole = (int64_t)number;
  return (double)*whole == number;
}

static inline bool int_argument(napi_env env, napi_value value, int *number) {
  int64_t whole;
  if (!whole_argument(env, value, INT32_MIN, INT32_MAX, &whole)) return false;
  *number = (int)whole;
  return true;
}

/* The memory of a typed array of one kind; it belongs to JavaScript and is good until the call returns. */
static inline bool array_argument(napi_env env, napi_value value, napi_typedarray_type kind, void **data,
                                  size_t *length) {
  bool is_array = false;
  napi_typedarray_type type;
  return napi_is_typedarray(env, value, &is_array) == napi_ok && is_array &&
         napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) == napi_ok && type == kind;
}

/* A string as bytes with a final NUL, at most `size` with it: 0, -EINVAL (no string, or a NUL inside it) or -ENAMETOOLONG. */
int text_argument(napi_env env, napi_value value, char *text, size_t size);

/* Each family adds its functions to `exports`. */
void spawn_register(napi_env env, napi_value exports);
void spawn_many_register(napi_env env, napi_value exports);
void reap_register(napi_env env, napi_value exports);
void poll_register(napi_env env, napi_value exports);
void pidfd_register(napi_env env, napi_value exports);
void socket_register(napi_env env, napi_value exports);
void listen_register(napi_env env, napi_value exports);
void files_register(napi_env env, napi_value exports);
void descriptors_register(napi_env env, napi_value exports);
void locks_register(napi_env env, napi_value exports);
void notify_register(napi_env env, napi_value exports);
void limits_register(napi_env env, napi_value exports);
void users_register(napi_env env, napi_value exports);
void pty_register(napi_env env, napi_value exports);
void execute_register(napi_env env, napi_value exports);
void inspect_register(napi_env env, napi_value exports);
void descriptor_list_register(napi_env env, napi_value exports);

struct export {
  const char *name;
  napi_callback call;
};

void export_calls(napi_env env, napi_value exports, const struct export *calls, size_t count);

#define EXPORT_CALLS(env, exports, calls) export_calls(env, exports, calls, sizeof(calls) / sizeof((calls)[0]))
