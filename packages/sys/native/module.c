/* The module: its data for one environment, and the list of its families. */
#include "addon.h"
#include "spawn.h"

#include <stdlib.h>
#include <string.h>

int text_argument(napi_env env, napi_value value, char *text, size_t size) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return -EINVAL;
  if (length >= size) return -ENAMETOOLONG;
  if (napi_get_value_string_utf8(env, value, text, size, &length) != napi_ok) return -EINVAL;
  return strlen(text) == length ? 0 : -EINVAL;
}

void export_calls(napi_env env, napi_value exports, const struct export *calls, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function;
    if (napi_create_function(env, calls[i].name, NAPI_AUTO_LENGTH, calls[i].call, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, calls[i].name, function) != napi_ok)
      return;
  }
}

static void free_addon(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  struct addon *addon = data;
  spawn_free_stack(addon->stack);
  free(addon->arena.bytes);
  free(addon);
}

NAPI_MODULE_INIT() {
  struct addon *addon = calloc(1, sizeof(*addon));
  if (addon == NULL || napi_set_instance_data(env, addon, free_addon, NULL) != napi_ok) {
    free(addon);
    napi_throw_error(env, "ENOMEM", "cannot load the native part of supervise: not enough memory (ENOMEM)");
    return NULL;
  }
  spawn_register(env, exports);
  spawn_many_register(env, exports);
  reap_register(env, exports);
  poll_register(env, exports);
  pidfd_register(env, exports);
  socket_register(env, exports);
  listen_register(env, exports);
  files_register(env, exports);
  descriptors_register(env, exports);
  locks_register(env, exports);
  notify_register(env, exports);
  limits_register(env, exports);
  users_register(env, exports);
  pty_register(env, exports);
  execute_register(env, exports);
  inspect_register(env, exports);
  descriptor_list_register(env, exports);
  return exports;
}
