/*
 * beginSpawns(requests, results) and finishSpawns(batch): several spawns beside the caller's own work. Helper threads carry out one after another, each
 * suspended by its child's exec (CLONE_VFORK) while the others and the caller go on; the caller joins in to finish.
 */
#include "spawn.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_HELPERS 3

struct batch {
  struct spawn_plan *plans;
  struct arena *arenas;
  /* Belongs to the caller, who keeps it until the batch is finished. */
  double *results;
  unsigned count;
  unsigned next;
  unsigned helper_count;
  pthread_t helpers[MOST_HELPERS];
  int dumpable;
};

static void work(struct batch *batch, char *stack) {
  for (;;) {
    unsigned index = __atomic_fetch_add(&batch->next, 1, __ATOMIC_RELAXED);
    if (index >= batch->count) return;
    struct spawn_plan *plan = &batch->plans[index];
    long pid = plan->stage == 0 ? spawn_run(plan, stack) : -1;
    batch->results[index] = spawn_result(plan, pid);
  }
}

static void *help(void *batch) {
  char *stack = spawn_make_stack();
  if (stack != NULL) work(batch, stack);
  spawn_free_stack(stack);
  return NULL;
}

/* A thread that can't be started is not missed: the others do its part. Its signals are blocked from its first instruction. */
static bool start_helper(struct batch *batch) {
  const uint64_t all = ~(uint64_t)0;
  uint64_t before;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
  bool started = pthread_create(&batch->helpers[batch->helper_count], NULL, help, batch) == 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
  if (started) batch->helper_count++;
  return started;
}

/*
 * One less than there are processors, for the caller has work of its own. None where a child asks for a parent-death signal: its parent is the thread
 * that made it, and the signal is sent when that thread ends.
 */
static unsigned wanted_helpers(const struct batch *batch) {
  for (unsigned i = 0; i < batch->count; i++)
    if (batch->plans[i].has & HAS_PARENT_DEATH_SIGNAL) return 0;
  cpu_set_t processors;
  int count = sched_getaffinity(0, sizeof(processors), &processors) == 0 ? CPU_COUNT(&processors) - 1 : 1;
  unsigned wanted = count < 1 ? 1 : count > MOST_HELPERS ? MOST_HELPERS : (unsigned)count;
  return wanted < batch->count ? wanted : batch->count;
}

/* Ends what the helpers have not done, then the helpers, then the batch's memory. The children may have made our shared memory undumpable. */
static void finish(struct batch *batch, char *stack) {
  if (stack != NULL) work(batch, stack);
  while (batch->helper_count > 0) pthread_join(batch->helpers[--batch->helper_count], NULL);
  if (batch->plans != NULL && batch->dumpable == 1) prctl(PR_SET_DUMPABLE, 1);
  for (unsigned i = 0; batch->arenas != NULL && i < batch->count; i++) free(batch->arenas[i].bytes);
  free(batch->arenas);
  free(batch->plans);
  batch->arenas = NULL;
  batch->plans = NULL;
}

/* A batch that nobody finished: its helpers do the rest. */
static void drop(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  struct batch *batch = data;
  batch->next = batch->count;
  finish(batch, NULL);
  free(batch);
}

static bool read_batch(napi_env env, napi_value list, struct batch *batch) {
  for (unsigned i = 0; i < batch->count; i++) {
    napi_value request[3];
    for (unsigned part = 0; part < 3; part++)
      if (napi_get_element(env, list, i * 3 + part, &request[part]) != napi_ok) return false;
    spawn_read_request(env, &batch->arenas[i], request, &batch->plans[i]);
  }
  return true;
}

static napi_value sys_begin_spawns(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  void *results;
  size_t count;
  if (!array_argument(env, arguments[1], napi_float64_array, &results, &count) || count > UINT16_MAX)
    return number_value(env, -EINVAL);
  struct batch *batch = calloc(1, sizeof(*batch));
  if (batch == NULL) return number_value(env, -ENOMEM);
  batch->results = results;
  batch->count = (unsigned)count;
  batch->plans = calloc(count, sizeof(*batch->plans));
  batch->arenas = calloc(count, sizeof(*batch->arenas));
  napi_value value;
  int error = batch->plans == NULL || batch->arenas == NULL ? -ENOMEM
              : read_batch(env, arguments[0], batch)        ? 0
                                                            : -EINVAL;
  if (error == 0 && napi_create_external(env, batch, drop, NULL, &value) == napi_ok) {
    batch->dumpable = prctl(PR_GET_DUMPABLE);
    for (unsigned wanted = wanted_helpers(batch); batch->helper_count < wanted && start_helper(batch);) continue;
    return value;
  }
  drop(env, batch, NULL);
  return number_value(env, error == 0 ? -ENOMEM : error);
}

static napi_value sys_finish_spawns(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct addon *addon;
  void *batch;
  if (napi_get_instance_data(env, (void **)&addon) != napi_ok ||
      napi_get_value_external(env, arguments[0], &batch) != napi_ok)
    return number_value(env, -EINVAL);
  if (addon->stack == NULL) addon->stack = spawn_make_stack();
  if (addon->stack == NULL) return number_value(env, -ENOMEM);
  finish(batch, addon->stack);
  return number_value(env, 0);
}

void spawn_many_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"beginSpawns", sys_begin_spawns}, {"finishSpawns", sys_finish_spawns}};
  EXPORT_CALLS(env, exports, calls);
}
