/* Messages on descriptor 2, without stdio and without ever waiting for a reader. */
#ifndef SUPERVISE_INIT_REPORT_H
#define SUPERVISE_INIT_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* A line being put together. What does not fit is cut off; the line end always fits. */
struct line {
  size_t length;
  char text[512];
};

/* Starts with "supervise-init: " or the borrowed name. */
void line_start(struct line *line);
void line_text(struct line *line, const char *text);
/* In double quotes, control characters replaced by `?`. */
void line_quoted(struct line *line, const char *text);
void line_number(struct line *line, int64_t number);
/* "no such file or directory (ENOENT)"; only the names of common errors are known, others are numbers. */
void line_errno(struct line *line, int error);
/* "SIGTERM"; "SIGRTMIN+3" for a real-time signal. */
void line_signal(struct line *line, int signal);
/*
 * Writes the line and its end to descriptor 2. Drops it when the descriptor is closed, full or has no reader: never waits, never raises
 * a SIGPIPE that could be taken for somebody's (report_raised_sigpipe). Keeps errno.
 */
void line_send(struct line *line);

/* line_start, one text, line_send. */
void report(const char *text);
/* "cannot VERB: CAUSE (ERRNO)". */
void report_errno(const char *what, int error);

/* The name before each message; the default is "supervise-init". */
void report_as(const char *name);

/* How much is said: 0 faults, 1 warnings too (the default), 2 and 3 more. */
int report_level(void);
void report_set_level(int level);

/* Writes a text to descriptor 1 (help, version); 0 or a negative errno. */
int print_text(const char *text, size_t length);

#endif
