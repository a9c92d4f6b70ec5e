/*
 * Readiness: one epoll descriptor per poller, itself watched by libuv's. A poller has two holders: JavaScript's handle, and the event loop
 * until uv_close is through. Its memory goes with the later of them.
 */
#include "addon.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

#define EVENTS_PER_TURN 256

struct poller {
  uv_poll_t watch;
  napi_env env;
  napi_ref callback;
  napi_ref pairs;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  int epoll;
  int holders;
  bool closed;
  /* The turn that is being delivered, so that a removal inside the callback can take its events back. */
  struct epoll_event *events;
  uint32_t *delivered;
  int count;
};

/* epoll's data: the descriptor above, the token below. */
static uint64_t pack(int fd, uint32_t token) { return (uint64_t)(uint32_t)fd << 32 | token; }

static void release(struct poller *poller) {
  if (--poller->holders == 0) free(poller);
}

static void on_closed(uv_handle_t *handle) {
  struct poller *poller = handle->data;
  napi_remove_async_cleanup_hook(poller->cleanup);
  release(poller);
}

static void close_poller(struct poller *poller) {
  if (poller->closed) return;
  poller->closed = true;
  uv_close((uv_handle_t *)&poller->watch, on_closed);
  close(poller->epoll);
  napi_delete_reference(poller->env, poller->callback);
  napi_delete_reference(poller->env, poller->pairs);
  napi_async_destroy(poller->env, poller->context);
}

static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  close_poller(data);
}

static void on_handle_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release(data);
}

/* As for Node's own callbacks: ticks and promises run after it, and what it throws is an uncaught exception. */
static void call_back(struct poller *poller, napi_value pairs, int count) {
  napi_env env = poller->env;
  napi_value receiver, callback, result;
  napi_value arguments[2] = {pairs, number_value(env, count)};
  if (napi_get_global(env, &receiver) != napi_ok ||
      napi_get_reference_value(env, poller->callback, &callback) != napi_ok)
    return;
  if (napi_make_callback(env, poller->context, receiver, callback, 2, arguments, &result) != napi_pending_exception)
    return;
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

static void deliver(struct poller *poller) {
  struct epoll_event events[EVENTS_PER_TURN];
  napi_value pairs;
  void *data;
  size_t length;
  /* Asked for each time: a caller that transferred the array away left it with length 0. */
  if (napi_get_reference_value(poller->env, poller->pairs, &pairs) != napi_ok ||
      !array_argument(poller->env, pairs, napi_uint32_array, &data, &length) || length < 2)
    return;
  int most = length / 2 < EVENTS_PER_TURN ? (int)(length / 2) : EVENTS_PER_TURN;
  int count = epoll_wait(poller->epoll, events, most, 0);
  if (count <= 0) return;
  poller->events = events;
  poller->delivered = data;
  poller->count = count;
  for (int i = 0; i < count; i++) {
    poller->delivered[2 * i] = (uint32_t)events[i].data.u64;
    poller->delivered[2 * i + 1] = events[i].events;
  }
  call_back(poller, pairs, count);
  poller->count = 0;
}

static void on_ready(uv_poll_t *watch, int status, int events) {
  (void)status;
  (void)events;
  struct poller *poller = watch->data;
  napi_handle_scope scope;
  if (poller->closed || napi_open_handle_scope(poller->env, &scope) != napi_ok) return;
  deliver(poller);
  napi_close_handle_scope(poller->env, scope);
}

static struct poller *poller_argument(napi_env env, napi_value value) {
  void *poller = NULL;
  return napi_get_value_external(env, value, &poller) == napi_ok ? poller : NULL;
}

static int control(napi_env env, napi_value *arguments, int operation) {
  struct poller *poller = poller_argument(env, arguments[0]);
  int fd;
  int64_t token, events;
  if (poller == NULL || !int_argument(env, arguments[1], &fd) ||
      !whole_argument(env, arguments[2], 0, UINT32_MAX, &token) ||
      !whole_argument(env, arguments[3], 0, UINT32_MAX, &events))
    return -EINVAL;
  if (poller->closed) return -EBADF;
  struct epoll_event event = {.events = (uint32_t)events, .data.u64 = pack(fd, (uint32_t)token)};
  return epoll_ctl(poller->epoll, operation, fd, &event) < 0 ? -errno : 0;
}

/* pollerAdd(poller, fd, token, events) */
static napi_value sys_poller_add(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  return number_value(env, control(env, arguments, EPOLL_CTL_ADD));
}

static napi_value sys_poller_modify(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  return number_value(env, control(env, arguments, EPOLL_CTL_MOD));
}

/* pollerRemove(poller, fd) */
static napi_value sys_poller_remove(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct poller *poller = poller_argument(env, arguments[0]);
  int fd;
  if (poller == NULL || !int_argument(env, arguments[1], &fd)) return number_value(env, -EINVAL);
  if (poller->closed) return number_value(env, -EBADF);
  for (int i = 0; i < poller->count; i++)
    if (poller->events[i].data.u64 >> 32 == (uint32_t)fd) poller->delivered[2 * i + 1] = 0;
  return result_value(env, epoll_ctl(poller->epoll, EPOLL_CTL_DEL, fd, NULL));
}

/* pollerHold(poller, on): whether it keeps the event loop alive. */
static napi_value sys_poller_hold(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct poller *poller = poller_argument(env, arguments[0]);
  bool on;
  if (poller == NULL || napi_get_value_bool(env, arguments[1], &on) != napi_ok) return number_value(env, -EINVAL);
  if (poller->closed) return number_value(env, -EBADF);
  if (on) uv_ref((uv_handle_t *)&poller->watch);
  else uv_unref((uv_handle_t *)&poller->watch);
  return number_value(env, 0);
}

static napi_value sys_poller_close(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct poller *poller = poller_argument(env, arguments[0]);
  if (poller == NULL) return number_value(env, -EINVAL);
  close_poller(poller);
  return number_value(env, 0);
}

static bool make_references(struct poller *poller, napi_value callback, napi_value pairs) {
  napi_env env = poller->env;
  napi_value name;
  return napi_create_reference(env, callback, 1, &poller->callback) == napi_ok &&
         napi_create_reference(env, pairs, 1, &poller->pairs) == napi_ok &&
         napi_create_string_utf8(env, "supervise:poller", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_async_init(env, NULL, name, &poller->context) == napi_ok;
}

/* From here on the loop holds the poller, so that a later failure must go through close_poller. */
static int watch_epoll(struct poller *poller) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(poller->env, &loop) != napi_ok) return -EINVAL;
  int error = uv_poll_init(loop, &poller->watch, poller->epoll);
  if (error < 0) return error;
  poller->watch.data = poller;
  uv_poll_start(&poller->watch, UV_READABLE, on_ready);
  uv_unref((uv_handle_t *)&poller->watch);
  return napi_add_async_cleanup_hook(poller->env, on_environment_end, poller, &poller->cleanup) == napi_ok ? 0
                                                                                                           : -EINVAL;
}

/* pollerCreate(callback, pairs: Uint32Array): a handle, or a negative errno. */
static napi_value sys_poller_create(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct poller *poller = calloc(1, sizeof(*poller));
  if (poller == NULL) return number_value(env, -ENOMEM);
  poller->env = env;
  poller->holders = 2;
  poller->epoll = epoll_create1(EPOLL_CLOEXEC);
  int error = poller->epoll < 0 ? -errno : 0;
  if (error == 0 && !make_references(poller, arguments[0], arguments[1])) error = -EINVAL;
  if (error == 0) error = watch_epoll(poller);
  if (error < 0) {
    if (poller->epoll >= 0) close(poller->epoll);
    free(poller);
    return number_value(env, error);
  }
  napi_value handle;
  if (napi_create_external(env, poller, on_handle_collected, NULL, &handle) == napi_ok) return handle;
  close_poller(poller);
  release(poller);
  return number_value(env, -EINVAL);
}

void poll_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"pollerCreate", sys_poller_create}, {"pollerAdd", sys_poller_add},
                                        {"pollerModify", sys_poller_modify}, {"pollerRemove", sys_poller_remove},
                                        {"pollerHold", sys_poller_hold},     {"pollerClose", sys_poller_close}};
  EXPORT_CALLS(env, exports, calls);
}
