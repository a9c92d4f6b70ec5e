/*
 * One system call, with nothing between us and the kernel. The files of this folder stand in for the C library on the processors they
 * know: a static glibc program spends half a millisecond to find out about its processor and touches a quarter of a megabyte before
 * main(), and brings a heap along. What they define has the meaning that POSIX or Linux gives it, as far as this program needs it, and
 * the library's own headers declare it. Elsewhere, and for the sanitizers, the C library is linked in their place.
 */
#ifndef SUPERVISE_INIT_CALL_H
#define SUPERVISE_INIT_CALL_H

/* The kernel's answer: a value, or a negative errno. */
static inline long call(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__) && !defined(__ILP32__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
#else
#error "no system calls for this processor: link a C library"
#endif
}

/* The C library's way to tell: -1 and errno. */
long result_of(long answer);

#endif
