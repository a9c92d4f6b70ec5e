/*
 * supervise_apply [OPTION...] -- COMMAND [ARG...]: gives this process what a service's process gets at its spawn, by the same code, and executes the command.
 * For commands that belong to a service and are started by others than us: Node's child processes know no groups, capabilities, limits and so on. The descriptors
 * 0 to KEPT - 1 stay. A failure is told on stderr as "supervise_apply:STAGE:ERRNO" (numbers, see spawn.h), with exit code 127.
 */
#include "spawn.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LIMITS = 64, MOST_DESCRIPTORS = 16 };

static void tell_failure(const struct spawn_plan *plan) {
  char text[64];
  int length = snprintf(text, sizeof(text), "\nsupervise_apply:%d:%d\n", plan->stage, plan->error);
  if (write(2, text, (size_t)length) < 0) _exit(126);
}

static _Noreturn void refuse(struct spawn_plan *plan) {
  plan->stage = STAGE_EXEC;
  plan->error = EINVAL;
  tell_failure(plan);
  _exit(127);
}

/* A whole number in this base, all of the text up to `end`, which is moved behind it. */
static unsigned long long number_at(struct spawn_plan *plan, char **text, int base) {
  char *end = NULL;
  errno = 0;
  unsigned long long number = strtoull(*text, &end, base);
  if (end == *text || errno != 0) refuse(plan);
  *text = end;
  return number;
}

static unsigned long long number_of(struct spawn_plan *plan, char *text, int base) {
  unsigned long long number = number_at(plan, &text, base);
  if (*text != 0) refuse(plan);
  return number;
}

/* "4,27"; empty: none. */
static void read_groups(struct spawn_plan *plan, char *text) {
  plan->has |= HAS_GROUPS;
  plan->groups = calloc(strlen(text) / 2 + 1, sizeof(gid_t));
  if (plan->groups == NULL) refuse(plan);
  while (*text != 0) {
    plan->groups[plan->group_count++] = (gid_t)number_at(plan, &text, 10);
    if (*text == ',') text++;
    else if (*text != 0) refuse(plan);
  }
}

/* "7:1024:4096", with "-1" for no limit. */
static void read_limit(struct spawn_plan *plan, char *text) {
  static struct limit limits[MOST_LIMITS];
  if (plan->limit_count == MOST_LIMITS) refuse(plan);
  struct limit *limit = &limits[plan->limit_count++];
  plan->limits = limits;
  limit->resource = (int)number_at(plan, &text, 10);
  rlim_t *const values[] = {&limit->value.rlim_cur, &limit->value.rlim_max};
  for (int i = 0; i < 2; i++) {
    if (*text++ != ':') refuse(plan);
    unsigned long long value = number_at(plan, &text, 10);
    *values[i] = value == -1ULL ? RLIM_INFINITY : (rlim_t)value;
  }
  if (*text != 0) refuse(plan);
}

static void keep_descriptors(struct spawn_plan *plan, char *text) {
  static int descriptors[MOST_DESCRIPTORS];
  unsigned long long count = number_of(plan, text, 10);
  if (count > MOST_DESCRIPTORS) refuse(plan);
  for (int i = 0; i < (int)count; i++) descriptors[i] = i;
  plan->descriptors = descriptors;
  plan->descriptor_count = (unsigned)count;
}

static void read_option(struct spawn_plan *plan, int option, char *text) {
  switch (option) {
  case 'G':
    return read_groups(plan, text);
  case 'L':
    return read_limit(plan, text);
  case 'k':
    return keep_descriptors(plan, text);
  case 'g':
    plan->has |= HAS_GID, plan->gid = (gid_t)number_of(plan, text, 10);
    return;
  case 'u':
    plan->has |= HAS_UID, plan->uid = (uid_t)number_of(plan, text, 10);
    return;
  case 'b':
    plan->has |= HAS_BOUNDING, plan->bounding = number_of(plan, text, 16);
    return;
  case 'a':
    plan->has |= HAS_AMBIENT, plan->ambient = number_of(plan, text, 16);
    return;
  case 'p':
    plan->has |= HAS_NO_NEW_PRIVILEGES;
    return;
  case 'm':
    plan->has |= HAS_UMASK, plan->umask = (mode_t)number_of(plan, text, 8);
    return;
  case 'n':
    plan->has |= HAS_NICE, plan->nice = (int)number_of(plan, text, 10);
    return;
  case 'o':
    plan->has |= HAS_OOM_SCORE, plan->oom_score = (int)number_of(plan, text, 10);
    return;
  case 'r':
    plan->has |= HAS_ROOT, plan->root = text;
    return;
  case 'd':
    plan->has |= HAS_WORKING_DIRECTORY, plan->working_directory = text;
    return;
  /* Each file that is to be tried, in order; there are fewer than words. */
  case 'f':
    *plan->files++ = text;
    return;
  default:
    refuse(plan);
  }
}

int main(int argc, char **argv) {
  static struct spawn_plan plan = {.failed = tell_failure, .session = SESSION_INHERIT};
  char **files = calloc((size_t)argc + 1, sizeof(*files));
  if (files == NULL) refuse(&plan);
  plan.files = files;
  for (int option; (option = getopt(argc, argv, "+G:L:k:g:u:b:a:pm:n:o:r:d:f:")) != -1;)
    read_option(&plan, option, optarg);
  if (optind >= argc || plan.files == files || plan.descriptors == NULL) refuse(&plan);
  plan.files = files;
  plan.argv = argv + optind;
  plan.env = environ;
  return spawn_child(&plan);
}
