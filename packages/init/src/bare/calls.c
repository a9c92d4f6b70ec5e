/* System calls by the names and with the arguments that the C library's headers declare. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "call.h"

#define ASK(name, a, b, c, d, e, f)                                                                                    \
  result_of(call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))
#define ASK0(name) ASK(name, 0, 0, 0, 0, 0, 0)
#define ASK1(name, a) ASK(name, a, 0, 0, 0, 0, 0)
#define ASK2(name, a, b) ASK(name, a, b, 0, 0, 0, 0)
#define ASK3(name, a, b, c) ASK(name, a, b, c, 0, 0, 0)
#define ASK4(name, a, b, c, d) ASK(name, a, b, c, d, 0, 0)

/* The arguments after the last named one; those that were not given are not looked at by the kernel either. */
#define REST(last, type, name)                                                                                         \
  va_list rest;                                                                                                        \
  va_start(rest, last);                                                                                                \
  type name = va_arg(rest, type);                                                                                      \
  va_end(rest)

void _exit(int code) {
  for (;;) ASK1(exit_group, code);
}

long syscall(long number, ...) {
  long given[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) given[i] = va_arg(rest, long);
  va_end(rest);
  return result_of(call(number, given[0], given[1], given[2], given[3], given[4], given[5]));
}

/* Processes. */
pid_t getpid(void) { return (pid_t)ASK0(getpid); }
pid_t getppid(void) { return (pid_t)ASK0(getppid); }
pid_t getpgrp(void) { return (pid_t)ASK1(getpgid, 0); }
pid_t getsid(pid_t pid) { return (pid_t)ASK1(getsid, pid); }
pid_t setsid(void) { return (pid_t)ASK0(setsid); }
int setpgid(pid_t pid, pid_t group) { return (int)ASK2(setpgid, pid, group); }
int kill(pid_t pid, int signal) { return (int)ASK2(kill, pid, signal); }
int execve(const char *path, char *const *argv, char *const *envp) { return (int)ASK3(execve, path, argv, envp); }
pid_t waitpid(pid_t pid, int *status, int options) { return (pid_t)ASK4(wait4, pid, status, options, 0); }
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage) {
  return (pid_t)ASK4(wait4, pid, status, options, usage);
}
int getrlimit(__rlimit_resource_t resource, struct rlimit *limit) {
  return (int)ASK4(prlimit64, 0, resource, 0, limit);
}
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
  return (int)ASK4(prlimit64, 0, resource, limit, 0);
}
int prctl(int option, ...) {
  REST(option, unsigned long, value);
  return (int)ASK2(prctl, option, value);
}
int clock_gettime(clockid_t clock, struct timespec *time) { return (int)ASK2(clock_gettime, clock, time); }

/* Signals. */
int sigfillset(sigset_t *set) {
  for (size_t i = 0; i < sizeof *set; i++) ((unsigned char *)set)[i] = 0xff;
  return 0;
}
int signalfd(int descriptor, const sigset_t *set, int flags) {
  return (int)ASK4(signalfd4, descriptor, set, sizeof(unsigned long), flags);
}

/* Files. */
int open(const char *path, int flags, ...) {
  REST(flags, unsigned, mode);
  return (int)ASK4(openat, AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
  REST(flags, unsigned, mode);
  return (int)ASK4(openat, folder, path, flags, mode);
}
int close(int descriptor) { return (int)ASK1(close, descriptor); }
ssize_t read(int descriptor, void *to, size_t length) { return ASK3(read, descriptor, to, length); }
ssize_t write(int descriptor, const void *from, size_t length) { return ASK3(write, descriptor, from, length); }
off_t lseek(int descriptor, off_t to, int from) { return ASK3(lseek, descriptor, to, from); }
int access(const char *path, int mode) { return (int)ASK3(faccessat, AT_FDCWD, path, mode); }
int stat(const char *path, struct stat *result) { return (int)ASK4(newfstatat, AT_FDCWD, path, result, 0); }
int fstat(int descriptor, struct stat *result) { return (int)ASK2(fstat, descriptor, result); }
ssize_t readlink(const char *path, char *to, size_t length) { return ASK4(readlinkat, AT_FDCWD, path, to, length); }
ssize_t readlinkat(int folder, const char *path, char *to, size_t length) {
  return ASK4(readlinkat, folder, path, to, length);
}
int fcntl(int descriptor, int command, ...) {
  REST(command, long, value);
  return (int)ASK3(fcntl, descriptor, command, value);
}
int memfd_create(const char *name, unsigned flags) { return (int)ASK2(memfd_create, name, flags); }
int eventfd(unsigned value, int flags) { return (int)ASK2(eventfd2, value, flags); }
int poll(struct pollfd *all, nfds_t count, int milliseconds) {
  struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
  return (int)ASK4(ppoll, all, count, milliseconds < 0 ? NULL : &time, 0);
}

/* Terminals. The library's struct begins like the kernel's, and is longer. */
int ioctl(int descriptor, unsigned long request, ...) {
  REST(request, long, value);
  return (int)ASK3(ioctl, descriptor, request, value);
}
int tcgetattr(int descriptor, struct termios *settings) {
  *settings = (struct termios){0};
  return (int)ASK3(ioctl, descriptor, TCGETS, settings);
}
int tcsetattr(int descriptor, int when, const struct termios *settings) {
  return (int)ASK3(ioctl, descriptor, TCSETS + when, settings);
}
pid_t tcgetpgrp(int descriptor) {
  int group = -1;
  return ASK3(ioctl, descriptor, TIOCGPGRP, &group) < 0 ? -1 : group;
}
int tcsetpgrp(int descriptor, pid_t group) { return (int)ASK3(ioctl, descriptor, TIOCSPGRP, &group); }

/* Sockets. */
int socketpair(int domain, int type, int protocol, int pair[2]) {
  return (int)ASK4(socketpair, domain, type, protocol, pair);
}
int setsockopt(int descriptor, int level, int name, const void *value, socklen_t length) {
  return (int)ASK(setsockopt, descriptor, level, name, value, length, 0);
}
ssize_t send(int descriptor, const void *from, size_t length, int flags) {
  return ASK(sendto, descriptor, from, length, flags, 0, 0);
}
ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
  return ASK3(sendmsg, descriptor, message, flags);
}
ssize_t recvmsg(int descriptor, struct msghdr *message, int flags) { return ASK3(recvmsg, descriptor, message, flags); }
struct cmsghdr *__cmsg_nxthdr(struct msghdr *message, struct cmsghdr *at) {
  unsigned char *end = (unsigned char *)message->msg_control + message->msg_controllen;
  if (at->cmsg_len < sizeof *at) return NULL;
  unsigned char *next = (unsigned char *)at + CMSG_ALIGN(at->cmsg_len);
  if (next + sizeof *at > end || next + CMSG_ALIGN(((struct cmsghdr *)next)->cmsg_len) > end) return NULL;
  return (struct cmsghdr *)next;
}
