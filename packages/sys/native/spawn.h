/* The plan of one spawn: written by the parent (spawn.c), carried out by the child (spawn_child.c) in the same memory. */
#pragma once

#include "addon.h"

#include <sys/resource.h>
#include <sys/types.h>

/* In the order of ExecStage in src/kernel.ts. 0: no failure. */
enum stage {
  STAGE_CLONE = 1,
  STAGE_SESSION,
  STAGE_PROCESS_GROUP,
  STAGE_CONTROLLING_TERMINAL,
  STAGE_SIGNALS,
  STAGE_CGROUP,
  STAGE_NICE,
  STAGE_OOM_SCORE,
  STAGE_LIMITS,
  STAGE_GROUPS,
  STAGE_GID,
  STAGE_UID,
  STAGE_CAPABILITIES,
  STAGE_NO_NEW_PRIVILEGES,
  STAGE_UMASK,
  STAGE_WORKING_DIRECTORY,
  STAGE_ROOT,
  STAGE_DESCRIPTORS,
  STAGE_PARENT_DEATH_SIGNAL,
  STAGE_LOCK,
  STAGE_EXEC
};

/* Which optional attributes a request has; the same bits as in src/spawn-request.ts. */
enum {
  HAS_CONTROLLING_TERMINAL = 1 << 0,
  HAS_CGROUP = 1 << 1,
  HAS_NICE = 1 << 2,
  HAS_OOM_SCORE = 1 << 3,
  HAS_GROUPS = 1 << 4,
  HAS_GID = 1 << 5,
  HAS_UID = 1 << 6,
  HAS_BOUNDING = 1 << 7,
  HAS_AMBIENT = 1 << 8,
  HAS_NO_NEW_PRIVILEGES = 1 << 9,
  HAS_UMASK = 1 << 10,
  HAS_ROOT = 1 << 11,
  HAS_WORKING_DIRECTORY = 1 << 12,
  HAS_PARENT_DEATH_SIGNAL = 1 << 13,
  HAS_SIBLING = 1 << 14,
  HAS_BIRTH = 1 << 15,
  HAS_LOCK = 1 << 16,
  HAS_LISTEN_PID = 1 << 17
};

#define CHANGES_CREDENTIALS (HAS_GID | HAS_UID | HAS_BOUNDING | HAS_AMBIENT)

enum { SESSION_INHERIT = 0, SESSION_NEW = 1, SESSION_PROCESS_GROUP = 2, SESSION_DETACHED = 3 };

struct limit {
  int resource;
  struct rlimit value;
};

struct spawn_plan {
  /* Called by a child that is on its own (apply.c) before it ends with `stage` and `error` set; NULL: its parent reads them. */
  void (*failed)(const struct spawn_plan *plan);
  /* The child's answer: it is read after the child has run exec or ended, never at the same time. */
  volatile int stage;
  volatile int error;
  uint32_t has;
  int session;
  pid_t process_group;
  int controlling_terminal;
  int cgroup_fd;
  /* The kernel has put the child into its cgroup at birth. */
  bool born_in_cgroup;
  int nice;
  int oom_score;
  gid_t gid;
  uid_t uid;
  uint64_t bounding;
  uint64_t ambient;
  mode_t umask;
  int parent_death_signal;
  pid_t parent;
  /* The one that the leader of a detached session has left behind; 0: it had none yet. */
  volatile pid_t detached;
  /* Top of the part of the child's stack that its own child runs on. */
  char *second_stack;
  /* Number in the child. */
  int lock;
  int birth_fd;
  off_t birth_at;
  char *root;
  char *working_directory;
  char **files;
  char **argv;
  char **env;
  /* Room for "LISTEN_PID=" and the child's number, and where `env` points to it. */
  char listen_pid[32];
  char **listen_entry;
  int *descriptors;
  unsigned descriptor_count;
  struct limit *limits;
  unsigned limit_count;
  gid_t *groups;
  unsigned group_count;
};

/* The child's whole life before exec. Its parent's thread is suspended meanwhile. */
int spawn_child(void *plan);

/* Sets `stage` and `error` where the request is refused. The plan is good for as long as its arena is left alone, within this call. */
void spawn_read_request(napi_env env, struct arena *arena, napi_value *arguments, struct spawn_plan *plan);

/* To be called by the child, which alone knows its number before its program runs. */
void spawn_tell_listen_pid(struct spawn_plan *plan);

/* A child's stack between clone and exec, with a guard page below; NULL where there is no memory. */
char *spawn_make_stack(void);
void spawn_free_stack(char *stack);

/* Carries the plan out: its pid, or a negative errno with `stage` and `error` set. */
long spawn_run(struct spawn_plan *plan, char *stack);

/* A pid, or stage and errno as -(stage * 4096 + errno); below that -131072 times the pid of a failed child that is not ours to collect. */
double spawn_result(const struct spawn_plan *plan, long pid);
