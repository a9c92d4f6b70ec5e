/* spawn(numbers, text, env): starts the child, and gives its pid, or what `spawn_result` says of a failure. */
#include "spawn.h"

#include "child_stack.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)64 * 1024)
#define GUARD_SIZE ((size_t)64 * 1024)

char *spawn_make_stack(void) {
  char *stack =
      mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return NULL;
  mprotect(stack, GUARD_SIZE, PROT_NONE);
  return stack;
}

void spawn_free_stack(char *stack) {
  if (stack != NULL) munmap(stack, GUARD_SIZE + STACK_SIZE);
}

static int begin_child(void *plan) {
  on_child_stack();
  return spawn_child(plan);
}

/*
 * clone3(2) with a stack of its own, which glibc has no function for: in the child the kernel returns on an empty stack, so that it must
 * call `run` at once. Only a birth inside a cgroup needs it; an architecture without these lines enters its cgroup by cgroup.procs.
 */
static long clone_into(struct clone_args *args, struct spawn_plan *plan) {
#if defined(__x86_64__)
  long result;
  register int (*run)(void *) __asm__("r8") = begin_child;
  register void *argument __asm__("r9") = plan;
  __asm__ volatile("syscall\n\t"
                   "testq %%rax, %%rax\n\t"
                   "jnz 1f\n\t"
                   "xorl %%ebp, %%ebp\n\t"
                   "movq %%r9, %%rdi\n\t"
                   "call *%%r8\n\t"
                   "hlt\n"
                   "1:"
                   : "=a"(result)
                   : "0"((long)SYS_clone3), "D"(args), "S"(sizeof(*args)), "r"(run), "r"(argument)
                   : "rcx", "r11", "memory", "cc");
  return result;
#elif defined(__aarch64__)
  register long call __asm__("x8") = SYS_clone3;
  register long result __asm__("x0") = (long)args;
  register size_t size __asm__("x1") = sizeof(*args);
  register int (*run)(void *) __asm__("x10") = begin_child;
  register void *argument __asm__("x11") = plan;
  __asm__ volatile("svc #0\n\t"
                   "cbnz x0, 1f\n\t"
                   "mov x29, #0\n\t"
                   "mov x30, #0\n\t"
                   "mov x0, x11\n\t"
                   "blr x10\n\t"
                   "brk #0\n"
                   "1:"
                   : "+r"(result)
                   : "r"(call), "r"(size), "r"(run), "r"(argument)
                   : "memory", "cc");
  return result;
#else
  (void)args;
  (void)plan;
  return -ENOSYS;
#endif
}

/* Negative errno or pid. A kernel or sandbox without clone3, or without this cgroup's consent, leaves the entry to the child. */
static long start_child(struct spawn_plan *plan, char *stack) {
  const int parent = plan->has & HAS_SIBLING ? CLONE_PARENT : 0;
  if (plan->has & HAS_CGROUP) {
    struct clone_args args = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_INTO_CGROUP | (unsigned)parent,
        /* clone3 refuses one together with CLONE_PARENT: the child has ours, as clone gives it. */
        .exit_signal = parent ? 0 : SIGCHLD,
        .stack = (uintptr_t)stack + GUARD_SIZE,
        .stack_size = STACK_SIZE,
        .cgroup = (uint64_t)plan->cgroup_fd,
    };
    plan->born_in_cgroup = true;
    long pid = clone_into(&args, plan);
    if (pid > 0 || pid == -EAGAIN || pid == -ENOMEM) return pid;
    plan->born_in_cgroup = false;
  }
  int pid = clone(begin_child, stack + GUARD_SIZE + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_FILES | parent | SIGCHLD,
                  plan);
  return pid < 0 ? -errno : pid;
}

static void collect(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

/*
 * All signals are blocked meanwhile (glibc's own two as well, hence the raw call): a handler of Node's would otherwise run in the child, in
 * our memory. A change of credentials makes the shared memory undumpable, which hides our /proc files from ourselves, so that is undone.
 */
long spawn_run(struct spawn_plan *plan, char *stack) {
  const uint64_t all = ~(uint64_t)0;
  uint64_t before;
  plan->second_stack = stack + GUARD_SIZE + STACK_SIZE / 2;
  plan->parent = plan->has & HAS_SIBLING ? getppid() : getpid();
  int dumpable = plan->has & CHANGES_CREDENTIALS ? prctl(PR_GET_DUMPABLE) : 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
  before_child(stack + GUARD_SIZE, STACK_SIZE);
  long pid = start_child(plan, stack);
  after_child(stack + GUARD_SIZE, STACK_SIZE, pid > 0);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
  if (dumpable == 1) prctl(PR_SET_DUMPABLE, 1);
  if (pid > 0 && plan->session == SESSION_DETACHED) {
    collect((pid_t)pid);
    pid = plan->detached;
  }
  if (pid > 0 && plan->stage != 0 && !(plan->has & HAS_SIBLING)) collect((pid_t)pid);
  if (pid < 0) {
    plan->stage = STAGE_CLONE;
    plan->error = (int)-pid;
  }
  return pid;
}

double spawn_result(const struct spawn_plan *plan, long pid) {
  if (plan->stage == 0) return (double)pid;
  const double failed = plan->has & HAS_SIBLING && pid > 0 ? (double)pid : 0;
  return -(failed * 131072 + plan->stage * 4096 + plan->error);
}

static napi_value sys_spawn(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  struct addon *addon;
  struct spawn_plan plan = {0};
  if (napi_get_instance_data(env, (void **)&addon) != napi_ok) return number_value(env, -EINVAL);
  spawn_read_request(env, &addon->arena, arguments, &plan);
  if (plan.stage != 0) return number_value(env, spawn_result(&plan, -1));
  if (addon->stack == NULL) addon->stack = spawn_make_stack();
  if (addon->stack == NULL) return number_value(env, -(STAGE_CLONE * 4096 + ENOMEM));
  long pid = spawn_run(&plan, addon->stack);
  /* The kernel wakes us on the processor that the new program is about to run on: it goes first, or waits until we have nothing more to do. */
  if (pid > 0) sched_yield();
  return number_value(env, spawn_result(&plan, pid));
}

void spawn_register(napi_env env, napi_value exports) {
  static const struct export calls[] = {{"spawn", sys_spawn}};
  EXPORT_CALLS(env, exports, calls);
}
