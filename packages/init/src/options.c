#include "options.h"

#include <stddef.h>
#include <string.h>

#include "personality.h"
#include "report.h"
#include "signals.h"
#include "usage.h"
#include "values.h"

/* What an option does. Letters are shared by the personalities wherever they mean the same. */
enum action {
  GROUP = 'g',
  SINGLE_CHILD = 'c',
  REWRITE = 'r',
  SUBREAPER = 's',
  PARENT_DEATH = 'p',
  WARN_ON_REAP = 'w',
  VERBOSE = 'v',
  EXIT_AS_SUCCESS = 'e',
  HELP = 'h',
  VERSION = 'V',
  LICENSE = 'l',
  /* These have no letter. */
  KILL_AFTER = 1,
  GRACE,
  HANG_AFTER,
  REMAP_EXIT,
};

/* Fifteen times what sufficed a supervisor of 360 services on two cores that 60 programs without a pause were after (docs/keeper.md). */
#define HANG_AFTER_MS 30000

static const struct word {
  const char *name;
  enum action action;
  /* What the value must be, for the message; null: the option takes none. */
  const char *value;
} words[] = {
    {"group", GROUP, NULL},
    {"single-child", SINGLE_CHILD, NULL},
    {"rewrite", REWRITE, "two signals such as 15:3 or TERM:QUIT; 0 as the second drops, and KILL, STOP and CHLD stay"},
    {"subreaper", SUBREAPER, NULL},
    {"parent-death", PARENT_DEATH, "a signal such as TERM or 15"},
    {"warn-on-reap", WARN_ON_REAP, NULL},
    {"verbose", VERBOSE, NULL},
    {"exit-as-success", EXIT_AS_SUCCESS, "an exit code from 0 to 255"},
    {"help", HELP, NULL},
    {"version", VERSION, NULL},
    {"license", LICENSE, NULL},
    {"kill-after", KILL_AFTER, "a duration such as 10s or 500ms"},
    {"grace", GRACE, "a duration such as 10s or 500ms"},
    {"hang-after", HANG_AFTER, "a duration such as 30s; 0 never asks"},
    {"remap-exit", REMAP_EXIT, "two exit codes such as 143:0"},
};

/* Says `cannot VERB "WORD": CAUSE` and gives the exit code. */
static int refuse(const struct options *options, const char *what, const char *word, const char *cause) {
  struct line line;
  line_start(&line);
  line_text(&line, what);
  if (word) {
    line_text(&line, " ");
    line_quoted(&line, word);
  }
  line_text(&line, ": ");
  line_text(&line, cause);
  line_send(&line);
  return personality_usage_code(options->personality);
}

static int refuse_value(const struct options *options, const char *option, const struct word *word, const char *value) {
  struct line line;
  line_start(&line);
  line_text(&line, "cannot use option ");
  line_quoted(&line, option);
  line_text(&line, ": it needs ");
  line_text(&line, word->value);
  if (value) {
    line_text(&line, ", found ");
    line_quoted(&line, value);
  }
  line_send(&line);
  return personality_usage_code(options->personality);
}

/* -1 to go on, else the exit code. */
static int apply(struct options *options, const char *option, const struct word *word, const char *value) {
  int64_t code = 0;
  bool right = true;
  switch (word->action) {
  case GROUP:
    options->group = true;
    break;
  case SINGLE_CHILD:
    options->group = options->session = false;
    break;
  case REWRITE:
    right = value_rewrite(value, options);
    break;
  case SUBREAPER:
    options->subreaper = true;
    break;
  case PARENT_DEATH:
    right = (options->parent_death_signal = signal_number(value)) != 0;
    break;
  case WARN_ON_REAP:
    options->warn_on_reap = true;
    break;
  case VERBOSE:
    options->verbosity++;
    break;
  case EXIT_AS_SUCCESS:
    right = value_number(value, strlen(value), 255, &code);
    if (right) options->exit_code[code] = 0;
    break;
  case HELP:
    return usage_help(options->personality);
  case VERSION:
    return usage_version(options->personality);
  case LICENSE:
    return usage_license();
  case KILL_AFTER:
    right = value_duration(value, &options->kill_after_ms) && options->kill_after_ms > 0;
    break;
  case GRACE:
    right = value_duration(value, &options->grace_ms);
    break;
  case HANG_AFTER:
    right = value_duration(value, &options->hang_after_ms);
    break;
  case REMAP_EXIT:
    right = value_exit_codes(value, options);
    break;
  }
  return right ? -1 : refuse_value(options, option, word, value);
}

static const struct word *by_letter(const struct options *options, char letter) {
  if (strchr(personality_letters(options->personality), letter))
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
      if (words[i].action == (enum action)letter) return &words[i];
  return NULL;
}

static const struct word *by_name(const struct options *options, const char *name, size_t length) {
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strlen(words[i].name) == length && strncmp(words[i].name, name, length) == 0)
      return personality_has_long(options->personality, words[i].name) ? &words[i] : NULL;
  return NULL;
}

/* "-vg", "-e143", "-e 143". */
static int take_letters(struct options *options, char **argv, int *at) {
  const char *option = argv[*at];
  for (const char *letter = option + 1; *letter != '\0'; letter++) {
    const struct word *word = by_letter(options, *letter);
    if (!word) return refuse(options, "cannot use option", option, "there is no such option (see -h)");
    const char *value = NULL;
    if (word->value) {
      value = letter[1] != '\0' ? letter + 1 : argv[++*at];
      if (!value) return refuse_value(options, option, word, NULL);
    }
    int code = apply(options, option, word, value);
    if (code >= 0 || value) return code;
  }
  return -1;
}

/* "--grace=5s", "--grace 5s". */
static int take_name(struct options *options, char **argv, int *at) {
  const char *option = argv[*at], *name = option + 2, *value = strchr(name, '=');
  const struct word *word = by_name(options, name, value ? (size_t)(value - name) : strlen(name));
  if (!word) return refuse(options, "cannot use option", option, "there is no such option (see -h)");
  if (!word->value && value) return refuse(options, "cannot use option", option, "it takes no value");
  if (word->value) {
    value = value ? value + 1 : argv[++*at];
    if (!value) return refuse_value(options, option, word, NULL);
  }
  return apply(options, option, word, value);
}

int parse_options(struct options *options, int argc, char **argv, char **envp) {
  *options = (struct options){.verbosity = 1, .grace_ms = 5000, .hang_after_ms = HANG_AFTER_MS};
  for (int i = 0; i < 256; i++) options->exit_code[i] = (uint8_t)i;
  for (int i = 1; i <= SIGNAL_COUNT; i++) options->rewrite[i] = (uint8_t)i;
  personality_start(options, argc > 0 ? argv[0] : "");
  int at = 1;
  bool words_follow = false;
  /* A lone "-" is a word. */
  for (; at < argc && argv[at][0] == '-' && argv[at][1] != '\0' && !words_follow; at++) {
    int code = -1;
    if (strcmp(argv[at], "--") == 0) words_follow = true;
    else code = argv[at][1] == '-' ? take_name(options, argv, &at) : take_letters(options, argv, &at);
    if (code >= 0) return code;
  }
  personality_environment(options, envp);
  if (at >= argc) return refuse(options, "cannot run", NULL, "no command given (see -h)");
  options->up = options->personality == PERSONALITY_OWN && !words_follow && strcmp(argv[at], "up") == 0;
  options->command = at;
  return -1;
}
