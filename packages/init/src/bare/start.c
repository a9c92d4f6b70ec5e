/* From the kernel's entry to main(), and a child with a stack of its own. */
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"

int main(int argc, char **argv, char **envp);
__attribute__((used, noreturn)) void bare_start(long *stack);
long bare_clone(int (*function)(void *), void *stack, long flags, void *argument);

/* The stack holds argc, argv, a null pointer and the environment. */
void bare_start(long *stack) {
  char **argv = (char **)(stack + 1);
  _exit(main((int)*stack, argv, argv + *stack + 1));
}

/* bare_clone: the child finds function and argument on its new stack, and ends itself with what the function returns. */
#if defined(__x86_64__) && !defined(__ILP32__)
__asm__(".pushsection .text._start, \"ax\", @progbits\n"
        ".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call bare_start\n"
        "  hlt\n"
        ".globl bare_clone\n"
        "bare_clone:\n"
        "  and $-16, %rsi\n"
        "  sub $16, %rsi\n"
        "  mov %rdi, (%rsi)\n"
        "  mov %rcx, 8(%rsi)\n"
        "  mov %rdx, %rdi\n"
        "  mov $56, %eax\n"
        "  syscall\n"
        "  test %rax, %rax\n"
        "  jz 1f\n"
        "  ret\n"
        "1: xor %ebp, %ebp\n"
        "  pop %rax\n"
        "  pop %rdi\n"
        "  call *%rax\n"
        "  mov %eax, %edi\n"
        "  mov $60, %eax\n"
        "  syscall\n"
        "  hlt\n"
        ".popsection\n");
#elif defined(__aarch64__)
__asm__(".pushsection .text._start, \"ax\", %progbits\n"
        ".globl _start\n"
        "_start:\n"
        "  mov x29, #0\n"
        "  mov x30, #0\n"
        "  mov x0, sp\n"
        "  bl bare_start\n"
        "  brk #0\n"
        ".globl bare_clone\n"
        "bare_clone:\n"
        "  and x1, x1, #-16\n"
        "  stp x0, x3, [x1, #-16]!\n"
        "  mov x0, x2\n"
        "  mov x2, #0\n"
        "  mov x3, #0\n"
        "  mov x4, #0\n"
        "  mov x8, #220\n"
        "  svc #0\n"
        "  cbz x0, 1f\n"
        "  ret\n"
        "1: mov x29, #0\n"
        "  ldp x1, x0, [sp], #16\n"
        "  blr x1\n"
        "  mov x8, #93\n"
        "  svc #0\n"
        "  brk #0\n"
        ".popsection\n");
#endif

static int error_number;

int *__errno_location(void) { return &error_number; }

long result_of(long answer) {
  if (answer >= 0 || answer < -4095) return answer;
  error_number = (int)-answer;
  return -1;
}

int clone(int (*function)(void *), void *stack, int flags, void *argument, ...) {
  return (int)result_of(bare_clone(function, stack, flags, argument));
}
