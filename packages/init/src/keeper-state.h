/* What the keeper knows; one of it exists. All of it is zero-filled memory of fixed size, so that pages which are never needed cost nothing. */
#ifndef SUPERVISE_KEEPER_STATE_H
#define SUPERVISE_KEEPER_STATE_H

#include "job.h"
#include "keeper-ring.h"
#include "keeper-socket.h"
#include "keeper-table.h"
#include "options.h"

#include <sys/resource.h>
#include <sys/types.h>

/* A path or a reason with its final NUL. */
#define LONGEST_TEXT 4096

/* Short lives of the supervisor, within FAULT_WINDOW_MS, that are still mended; one more is too many. */
#define MOST_FAULTS 5
#define FAULT_WINDOW_MS 60000
#define SHORT_LIFE_MS 10000

/* The keeper gave up on the supervisor: EX_SOFTWARE of sysexits.h. */
#define EXIT_GAVE_UP 70

/* What must happen by a certain time. All are CLOCK_MONOTONIC milliseconds; 0: not pending. */
enum deadline {
  DEADLINE_START, /* start a supervisor */
  DEADLINE_SEND,  /* try again to send what the kernel had no means for */
  DEADLINE_PING,  /* the next question */
  DEADLINE_PONG,  /* an answer, or it hangs */
  DEADLINE_LEAVE, /* it said that it would exit, or closed its socket */
  DEADLINE_KILL,  /* SIGABRT did not end it */
  DEADLINE_STOP,  /* a TERM, INT or QUIT has to be read */
  DEADLINE_COUNT,
};

/* Why the end of the supervisor that lives now will be no plain death. */
enum leaving { LEAVING_NOT, LEAVING_FINISHED, LEAVING_UPGRADED, LEAVING_HUNG };

/* How far a new supervisor has been told what there is. */
enum telling { TELLING_HELLO, TELLING_HELD, TELLING_BEGIN, TELLING_NEWS };

struct refusal {
  bool pending;
  struct refused_message message;
  size_t length;
  char name[LONGEST_NAME];
};

struct keeper {
  const struct options *options;
  int argc;
  char **argv;
  char **envp;
  pid_t own_pid;
  struct rlimit open_files; /* as inherited; ours is raised */
  int descriptor_limit; /* received descriptors from here on are refused, so that there are enough left to start a supervisor with */
  struct job job; /* the supervisor at the terminal, if there is one */
  int signals;    /* signalfd */

  pid_t supervisor; /* 0: none lives */
  pid_t last_supervisor;
  int socket;      /* -1: none, or the other end is closed */
  bool mute;       /* nothing can be sent any more */
  bool wants_room; /* something is to be sent, and the socket was full */
  uint32_t generation;
  bool ready;        /* any supervisor has been */
  bool in_service;   /* this one is */
  bool died;         /* `status` is to be dealt with */
  int status;        /* as waitpid(2) gives it */
  unsigned mistakes; /* packets of this supervisor that meant nothing */
  int64_t started_ms;
  enum leaving leaving;
  enum telling telling;
  unsigned told; /* places of the table, while TELLING_HELD */
  struct refusal refusal;
  uint64_t pings; /* numbers given */
  uint64_t ping;  /* the question that is open while DEADLINE_PONG is pending */
  bool ping_unsent;
  int64_t patience_ms; /* how long the answer may still take */
  int64_t piece_ms;    /* of it, until DEADLINE_PONG */
  int64_t used_ns;     /* processor time of the supervisor when that piece began */
  int64_t enough_ns;   /* processor time with which it would have answered, however busy the machine is */
  int64_t deadlines[DEADLINE_COUNT];

  int64_t short_lives[MOST_FAULTS + 1]; /* when the last ones ended, latest first */
  uint64_t previous_ended_ns;
  enum previous_end previous_end;
  int previous_status;

  struct settings_message settings;
  char termination_log[LONGEST_TEXT];
  bool create_log;      /* the path was asked for, so it may be made */
  int stop_signal;      /* the first TERM, INT or QUIT, or 0 */
  uint64_t stop_number; /* its SIGNAL message, until that is acknowledged; else 0 */
  uint64_t stop_ping;   /* sent behind it: the answer shows that it was read */
  bool stop_ping_unsent;
  bool unread;   /* and it was not, in time */
  bool hurried;  /* a second one came before the first was read */
  bool stopping; /* it was acknowledged, so nobody else will be told of it */

  bool ending;
  int exit_code;
  char reason[LONGEST_TEXT];

  struct exit_ring exits;
  struct signal_ring signal_ring;
  struct deposit_table table;
  struct packet packet;
};

/* keeper-environment.c: the deposit `environment`. Nothing where it cannot be made; that is reported. */
void keeper_deposit_environment(struct keeper *keeper);
/* How many entries; with `kept`, also puts those there which the supervisor gets, and returns their number. */
size_t keeper_environment(char **envp, char **kept);

/* keeper-find.c: 0, or -ENOENT or another negative errno, which has been reported. Both buffers have LONGEST_TEXT bytes. */
int keeper_find_node(const struct keeper *keeper, char *path);
int keeper_find_command(const struct keeper *keeper, char *path);

/* keeper-start.c: starts the next supervisor; where that fails, it is tried again or the keeper ends. */
void keeper_start(struct keeper *keeper);

/* keeper-tell.c: sends what there is to tell while there is room. */
void keeper_tell(struct keeper *keeper);
void keeper_refuse(struct keeper *keeper, int error, uint32_t type, const char *name, size_t length);

/* keeper-hear.c: reads and carries out what the supervisor says; at most `most` packets. */
void keeper_hear(struct keeper *keeper, unsigned most);

/* keeper-watch.c: children, signals. */
void keeper_reap(struct keeper *keeper);
void keeper_read_signals(struct keeper *keeper);

/* keeper-faults.c: the end of a supervisor, and the deadlines. */
/* Counts a life of the supervisor, or a start that failed; true when there have been too many short ones. */
bool keeper_has_enough(struct keeper *keeper, int64_t life_ms);
void keeper_mourn(struct keeper *keeper);
void keeper_meet_deadlines(struct keeper *keeper);
/* A TERM, INT or QUIT waits to be told: in time the supervisor shows that it has read it. */
void keeper_await_stop(struct keeper *keeper);
/* Another one came meanwhile: it has a second at most. */
void keeper_hurry_stop(struct keeper *keeper);
/* Between TERM and KILL for what is left at the end, in milliseconds. */
int64_t keeper_last_grace_ms(const struct keeper *keeper);
/* By when; in milliseconds from now. */
void keeper_set_deadline(struct keeper *keeper, enum deadline deadline, int64_t in_ms);

/* keeper-ping.c: a supervisor that hangs is found by its silence. */
/* The next question is due in its time, if questions are asked. */
void keeper_schedule_ping(struct keeper *keeper);
/* Asks it. */
void keeper_ask(struct keeper *keeper);
/* The answer may take the whole time limit from here on. */
void keeper_await_answer(struct keeper *keeper);
/* Is a supervisor in service that falls silent found to hang within this time? */
bool keeper_finds_hang_within(const struct keeper *keeper, int64_t time_ms);
/* DEADLINE_PONG: true when there has been no answer for too long. */
bool keeper_lost_patience(struct keeper *keeper);
/* Takes the place of SETTINGS until there are any. */
void keeper_start_pings(struct keeper *keeper, struct settings_message *settings);

/* keeper-end.c: the loop is to end, with this code and reason (copied; may be empty). The first caller is the one who counts. */
void keeper_end(struct keeper *keeper, int exit_code, const char *reason);
/* Says the reason, ends everything that is left, and gives the terminal back. */
void keeper_finish(struct keeper *keeper);

#endif
