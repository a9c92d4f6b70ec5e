/*
 * Tells AddressSanitizer that a thread goes on on the child's stack and comes back: it takes such a change for a fault otherwise, and
 * would read the marks of frames that the child left without returning as those of the next child. Nothing in an ordinary build.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* The parent's own stack, and its fake frames; one per thread, as each environment has its own. */
static _Thread_local struct {
  const void *bottom;
  size_t size;
  void *frames;
} parent_stack;

static inline void before_child(char *bottom, size_t size) {
  __sanitizer_start_switch_fiber(&parent_stack.frames, bottom, size);
}

/* The first thing on the child's stack; thread-local data is the parent's, as all memory is. */
static inline void on_child_stack(void) {
  __sanitizer_finish_switch_fiber(NULL, &parent_stack.bottom, &parent_stack.size);
}

static inline void after_child(char *bottom, size_t size, bool ran) {
  if (!ran) on_child_stack();
  __sanitizer_start_switch_fiber(NULL, parent_stack.bottom, parent_stack.size);
  __sanitizer_finish_switch_fiber(parent_stack.frames, NULL, NULL);
  __asan_unpoison_memory_region(bottom, size);
}
#else
static inline void before_child(char *bottom, size_t size) {
  (void)bottom;
  (void)size;
}

static inline void on_child_stack(void) {}

static inline void after_child(char *bottom, size_t size, bool ran) {
  (void)bottom;
  (void)size;
  (void)ran;
}
#endif
