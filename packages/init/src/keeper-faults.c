/* The supervisor's end in all its kinds, and what must happen in time. */
#include "keeper-state.h"

#include "reap.h"
#include "report.h"
#include "signals.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between SIGABRT, which leaves a core file or a report where these are wanted, and SIGKILL. */
#define ABORT_LIMIT_MS 1000

/* Two requests to end mean "at once"; a supervisor that is only late reads both within this time. */
#define HURRY_LIMIT_MS 1000

/* The queue of a socket pair holds a few hundred packets; a copy of the dead supervisor's end could still add more. */
#define MOST_LAST_WORDS 1024

void keeper_set_deadline(struct keeper *keeper, enum deadline deadline, int64_t in_ms) {
  keeper->deadlines[deadline] = now_ms() + in_ms;
}

/*
 * The other half is for those that are ended then: whoever asked counts the grace period from the request on. A stop in order is better than that: one that is yet to be in service, or that is
 * found to hang and started anew in time, has the whole of it.
 */
static int64_t unread_limit_ms(const struct keeper *keeper) {
  int64_t whole_ms = keeper->settings.grace_ms, half_ms = (whole_ms + 1) / 2;
  int64_t limit_ms = !keeper->in_service || keeper_finds_hang_within(keeper, whole_ms) ? whole_ms : half_ms;
  return keeper->hurried && limit_ms > HURRY_LIMIT_MS ? HURRY_LIMIT_MS : limit_ms;
}

int64_t keeper_last_grace_ms(const struct keeper *keeper) {
  if (!keeper->unread) return keeper->settings.grace_ms;
  return keeper->hurried ? 0 : keeper->settings.grace_ms / 2;
}

void keeper_hurry_stop(struct keeper *keeper) {
  keeper->hurried = true;
  int64_t due = now_ms() + unread_limit_ms(keeper);
  if (due < keeper->deadlines[DEADLINE_STOP]) keeper->deadlines[DEADLINE_STOP] = due;
}

void keeper_await_stop(struct keeper *keeper) {
  keeper->stop_ping = ++keeper->pings;
  keeper->stop_ping_unsent = true;
  keeper_set_deadline(keeper, DEADLINE_STOP, unread_limit_ms(keeper));
  /* From here on it is asked more often. */
  if (keeper->supervisor != 0 && keeper->deadlines[DEADLINE_PONG] == 0) keeper_schedule_ping(keeper);
}

/* "the supervisor (pid 7) exited with code 1" */
static void describe_death(const struct keeper *keeper, struct line *line) {
  line_text(line, "the supervisor (pid ");
  line_number(line, keeper->last_supervisor);
  if (WIFEXITED(keeper->status)) {
    line_text(line, ") exited with code ");
    line_number(line, WEXITSTATUS(keeper->status));
  } else {
    line_text(line, keeper->leaving == LEAVING_HUNG ? ") hung and was killed by " : ") was killed by ");
    line_signal(line, WTERMSIG(keeper->status));
  }
}

static void end_after_death(struct keeper *keeper, int exit_code, const char *why) {
  struct line line = {0};
  describe_death(keeper, &line);
  line_text(&line, why);
  line.text[line.length] = 0;
  keeper_end(keeper, exit_code, line.text);
}

/* A long life shows that starting anew helps. */
bool keeper_has_enough(struct keeper *keeper, int64_t life_ms) {
  int64_t now = now_ms(), *lives = keeper->short_lives;
  if (life_ms >= SHORT_LIFE_MS) {
    memset(lives, 0, sizeof(keeper->short_lives));
    return false;
  }
  memmove(lives + 1, lives, MOST_FAULTS * sizeof(*lives));
  lives[0] = now;
  return lives[MOST_FAULTS] != 0 && now - lives[MOST_FAULTS] <= FAULT_WINDOW_MS;
}

static void mend(struct keeper *keeper) {
  if (keeper_has_enough(keeper, now_ms() - keeper->started_ms)) {
    end_after_death(keeper, EXIT_GAVE_UP, ": it ended 6 times within 60 s, each time less than 10 s after its start");
    return;
  }
  struct line line;
  line_start(&line);
  describe_death(keeper, &line);
  line_text(&line, ": starting it anew");
  line_send(&line);
  keeper_start(keeper);
}

static void forget(struct keeper *keeper) {
  keeper_hear(keeper, MOST_LAST_WORDS);
  if (keeper->socket >= 0) close(keeper->socket);
  keeper->socket = -1;
  keeper->died = false;
  keeper->last_supervisor = keeper->supervisor;
  keeper->supervisor = 0;
  keeper->in_service = false;
  memset(keeper->deadlines, 0, sizeof(keeper->deadlines));
  /* Whoever follows is told of it again. */
  if (keeper->stop_number != 0) keeper_await_stop(keeper);
  job_close(&keeper->job);
}

void keeper_mourn(struct keeper *keeper) {
  /* What it said last is heard first: it may have been that it is finished. Nobody is left to be refused anything. */
  keeper->mute = true;
  keeper->refusal.pending = false;
  forget(keeper);
  bool exited = WIFEXITED(keeper->status);
  int exit_code = reap_exit_code(keeper->status);
  keeper->previous_end = keeper->leaving == LEAVING_UPGRADED ? PREVIOUS_UPGRADED
                         : keeper->leaving == LEAVING_HUNG   ? PREVIOUS_HUNG
                         : exited                            ? PREVIOUS_EXITED
                                                             : PREVIOUS_KILLED;
  keeper->previous_status = exited ? WEXITSTATUS(keeper->status) : WTERMSIG(keeper->status);
  if (keeper->leaving == LEAVING_FINISHED) keeper_end(keeper, keeper->exit_code, keeper->reason);
  else if (keeper->stopping) end_after_death(keeper, 128 + keeper->stop_signal, " while it stopped its services");
  else if (keeper->leaving == LEAVING_UPGRADED) keeper_start(keeper);
  else if (keeper->ready || keeper->generation > 1) mend(keeper);
  else if (exited) keeper_end(keeper, exit_code, ""); /* it has said why itself, or it was asked for its help */
  else end_after_death(keeper, exit_code, " before it was in service");
}

/* Kills a supervisor that is no longer believed. Its death then decides what follows. */
static void abort_supervisor(struct keeper *keeper) {
  if (keeper->supervisor == 0) return;
  if (keeper->leaving == LEAVING_NOT) keeper->leaving = LEAVING_HUNG;
  keeper_schedule_ping(keeper);
  kill(keeper->supervisor, SIGABRT);
  kill(keeper->supervisor, SIGCONT);
  keeper_set_deadline(keeper, DEADLINE_KILL, ABORT_LIMIT_MS);
}

static void end_unheard(struct keeper *keeper) {
  keeper->unread = true;
  struct line line = {0};
  line_text(&line, "the supervisor did not take ");
  line_signal(&line, keeper->stop_signal);
  line_text(&line, " within ");
  line_number(&line, unread_limit_ms(keeper));
  line_text(&line, " ms");
  line.text[line.length] = 0;
  keeper_end(keeper, 128 + keeper->stop_signal, line.text);
}

static void meet(struct keeper *keeper, enum deadline deadline) {
  switch (deadline) {
  case DEADLINE_START:
    keeper_start(keeper);
    break;
  case DEADLINE_SEND:
    break;
  case DEADLINE_PING:
    keeper_ask(keeper);
    break;
  case DEADLINE_PONG:
    if (keeper_lost_patience(keeper)) abort_supervisor(keeper);
    break;
  case DEADLINE_LEAVE:
    if (keeper->leaving == LEAVING_FINISHED) keeper_end(keeper, keeper->exit_code, keeper->reason);
    else abort_supervisor(keeper);
    break;
  case DEADLINE_KILL:
    kill(keeper->supervisor, SIGKILL);
    break;
  case DEADLINE_STOP:
    end_unheard(keeper);
    break;
  case DEADLINE_COUNT:
    break;
  }
}

void keeper_meet_deadlines(struct keeper *keeper) {
  int64_t now = now_ms();
  for (enum deadline deadline = 0; deadline < DEADLINE_COUNT; deadline++) {
    int64_t due = keeper->deadlines[deadline];
    if (due == 0 || due > now) continue;
    keeper->deadlines[deadline] = 0;
    meet(keeper, deadline);
  }
}
