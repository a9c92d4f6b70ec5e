/* Limits, clocks and the name of this process. */
#include "addon.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#define HIGHEST_WHOLE 9007199254740991.0

static double limit_number(rlim_t limit) { return limit == RLIM_INFINITY ? -1 : (double)limit; }

/* getLimit(resource, pair: Float64Array) */
static napi_value sys_get_limit(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int resource;
  void *pair;
  size_t length;
  if (!int_argument(env, arguments[0], &resource) ||
      !array_argument(env, arguments[1], napi_float64_array, &pair, &length) || length < 2)
    return number_value(env, -EINVAL);
  struct rlimit limit;
  if (getrlimit((__rlimit_resource_t)resource, &limit) < 0) return result_value(env, -1);
  ((double *)pair)[0] = limit_number(limit.rlim_cur);
  ((double *)pair)[1] = limit_number(limit.rlim_max);
  return number_value(env, 0);
}

static napi_value sys_set_limit(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int resource;
  int64_t soft, hard;
  if (!int_argument(env, arguments[0], &resource) || !whole_argument(env, arguments[1], -1, HIGHEST_WHOLE, &soft) ||
      !whole_argument(env, arguments[2], -1, HIGHEST_WHOLE, &hard))
    return number_value(env, -EINVAL);
  struct rlimit limit = {soft == -1 ? RLIM_INFINITY : (rlim_t)soft, hard == -1 ? RLIM_INFINITY : (rlim_t)hard};
  return result_value(env, setrlimit((__rlimit_resource_t)resource, &limit));
}

/* setLimitOf(pid, resource, soft, hard) */
static napi_value sys_set_limit_of(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  int pid, resource;
  int64_t soft, hard;
  if (!int_argument(env, arguments[0], &pid) || pid <= 0 || !int_argument(env, arguments[1], &resource) ||
      !whole_argument(env, arguments[2], -1, HIGHEST_WHOLE, &soft) ||
      !whole_argument(env, arguments[3], -1, HIGHEST_WHOLE, &hard))
    return number_value(env, -EINVAL);
  struct rlimit limit = {soft == -1 ? RLIM_INFINITY : (rlim_t)soft, hard == -1 ? RLIM_INFINITY : (rlim_t)hard};
  return result_value(env, prlimit(pid, (__rlimit_resource_t)resource, &limit, NULL));
}

static double seconds(clockid_t clock, double scale) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec * scale + (double)(now.tv_nsec / 1000) * (scale / 1e6);
}

static napi_value sys_monotonic_ms(napi_env env, napi_callback_info info) {
  (void)info;
  return number_value(env, seconds(CLOCK_MONOTONIC, 1e3));
}

static napi_value sys_realtime_micros(napi_env env, napi_callback_info info) {
  (void)info;
  return number_value(env, seconds(CLOCK_REALTIME, 1e6));
}

/* PR_SET_NAME of the calling thread; the kernel keeps 15 bytes. */
static napi_value sys_set_process_name(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  char name[4096];
  int error = text_argument(env, arguments[0], name, sizeof(name));
  return error < 0 ? number_value(env, error) : result_value(env, prctl(PR_SET_NAME, name, 0, 0, 0));
}

/*
 * trimMemory(): has V8 collect and compact, and malloc give free pages back (malloc_trim(3), where the C library has it). V8 does it at once when it is told of
 * memory outside its heap beyond every limit, which is taken back.
 */
static napi_value sys_trim_memory(napi_env env, napi_callback_info info) {
  (void)info;
  const int64_t beyond_limits = (int64_t)1 << 44;
  int64_t now;
  napi_adjust_external_memory(env, beyond_limits, &now);
  napi_adjust_external_memory(env, -beyond_limits, &now);
#ifdef __GLIBC__
  return number_value(env, malloc_trim(0));
#else
  return number_value(env, 0);
#endif
}

void limits_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"getLimit", sys_get_limit},
                                        {"setLimit", sys_set_limit},
                                        {"setLimitOf", sys_set_limit_of},
                                        {"monotonicMs", sys_monotonic_ms},
                                        {"realtimeMicros", sys_realtime_micros},
                                        {"setProcessName", sys_set_process_name},
                                        {"trimMemory", sys_trim_memory}};
  EXPORT_CALLS(env, exports, calls);
}
