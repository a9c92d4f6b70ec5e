#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "options.h"
#include "signals.h"

/* The kernel's first real-time signals serve the C library's threads; RTMIN is what a program sees, in every libc 34 or 35. */
#define FIRST_REAL_TIME 34

static const struct {
  char name[8];
  int number;
} names[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},     {"QUIT", SIGQUIT},     {"ILL", SIGILL},   {"TRAP", SIGTRAP},
    {"ABRT", SIGABRT},     {"IOT", SIGABRT},    {"BUS", SIGBUS},       {"FPE", SIGFPE},   {"KILL", SIGKILL},
    {"USR1", SIGUSR1},     {"SEGV", SIGSEGV},   {"USR2", SIGUSR2},     {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},
    {"TERM", SIGTERM},     {"CHLD", SIGCHLD},   {"CLD", SIGCHLD},      {"CONT", SIGCONT}, {"STOP", SIGSTOP},
    {"TSTP", SIGTSTP},     {"TTIN", SIGTTIN},   {"TTOU", SIGTTOU},     {"URG", SIGURG},   {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ},     {"PROF", SIGPROF},   {"IO", SIGIO},         {"POLL", SIGIO},   {"PWR", SIGPWR},
    {"SYS", SIGSYS},       {"WINCH", SIGWINCH}, {"VTALRM", SIGVTALRM},
#ifdef SIGSTKFLT
    {"STKFLT", SIGSTKFLT},
#endif
};

/* A number up to the last signal, or -1. */
static int small_number(const char *text) {
  int number = 0, length = 0;
  for (; text[length] >= '0' && text[length] <= '9' && length < 3; length++)
    number = number * 10 + (text[length] - '0');
  return length == 0 || text[length] != '\0' || number > SIGNAL_COUNT ? -1 : number;
}

int signal_number(const char *name) {
  int number = small_number(name);
  if (number >= 0) return number;
  if (strncasecmp(name, "SIG", 3) == 0) name += 3;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcasecmp(name, names[i].name) == 0) return names[i].number;
  if (strncasecmp(name, "RTMIN", 5) == 0) {
    int offset = name[5] == '\0' ? 0 : name[5] == '+' ? small_number(name + 6) : -1;
    return offset < 0 || offset > SIGNAL_COUNT - FIRST_REAL_TIME ? 0 : FIRST_REAL_TIME + offset;
  }
  if (strncasecmp(name, "RTMAX", 5) == 0) {
    int offset = name[5] == '\0' ? 0 : name[5] == '-' ? small_number(name + 6) : -1;
    return offset < 0 || offset > SIGNAL_COUNT - FIRST_REAL_TIME ? 0 : SIGNAL_COUNT - offset;
  }
  return 0;
}

const char *signal_name(int number) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].number == number) return names[i].name;
  return NULL;
}
