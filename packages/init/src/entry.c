/*
 * The first instructions of the program. Before the C library has set itself up, about 50 microseconds, a signal would still have its
 * default action, which is to end us. So the entry point blocks all signals by itself and goes on to the library's own entry. A
 * program linked with a C library keeps the library's entry, and does it at the beginning of main().
 */
#include "signals.h"

/* The mask that was inherited, and whether it was taken here. */
extern kernel_sigset entry_mask;
extern unsigned char entry_blocked;

kernel_sigset entry_mask;
unsigned char entry_blocked;

/*
 * The kernel enters with the stack pointer at argc, and in one register the address of a function for the end of the program (that of
 * the dynamic linker, else 0); both are handed on as they were. rt_sigprocmask(SIG_SETMASK, &all, &entry_mask, 8).
 */
#if defined(__x86_64__) && !defined(__ILP32__)
__asm__(".pushsection .text.init_entry, \"ax\", @progbits\n"
        ".globl init_entry\n"
        ".hidden init_entry\n"
        ".type init_entry, @function\n"
        "init_entry:\n"
        "  mov %rdx, %r12\n"
        "  mov $14, %eax\n"
        "  mov $2, %edi\n"
        "  lea .Lall(%rip), %rsi\n"
        "  lea entry_mask(%rip), %rdx\n"
        "  mov $8, %r10d\n"
        "  syscall\n"
        "  test %rax, %rax\n"
        "  sete entry_blocked(%rip)\n"
        "  mov %r12, %rdx\n"
        "  jmp _start\n"
        ".size init_entry, . - init_entry\n"
        ".popsection\n"
        ".pushsection .rodata.init_entry, \"a\", @progbits\n"
        ".balign 8\n"
        ".Lall: .quad -1\n"
        ".popsection\n");
#elif defined(__aarch64__)
__asm__(".pushsection .text.init_entry, \"ax\", @progbits\n"
        ".globl init_entry\n"
        ".hidden init_entry\n"
        ".type init_entry, %function\n"
        "init_entry:\n"
        "  mov x20, x0\n"
        "  mov x8, #135\n"
        "  mov x0, #2\n"
        "  adrp x1, .Lall\n"
        "  add x1, x1, :lo12:.Lall\n"
        "  adrp x2, entry_mask\n"
        "  add x2, x2, :lo12:entry_mask\n"
        "  mov x3, #8\n"
        "  svc #0\n"
        "  cmp x0, #0\n"
        "  cset w3, eq\n"
        "  adrp x2, entry_blocked\n"
        "  strb w3, [x2, :lo12:entry_blocked]\n"
        "  mov x0, x20\n"
        "  b _start\n"
        ".size init_entry, . - init_entry\n"
        ".popsection\n"
        ".pushsection .rodata.init_entry, \"a\", %progbits\n"
        ".balign 8\n"
        ".Lall: .quad -1\n"
        ".popsection\n");
#endif
