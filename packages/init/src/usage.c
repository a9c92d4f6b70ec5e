#include "usage.h"

#include "report.h"

#define VERSION "0.1.0"

static const char own_help[] =
    "usage: supervise-init [OPTION...] [--] COMMAND [ARGUMENT...]\n"
    "       supervise-init [OPTION...] up [OPTION...]\n"
    "\n"
    "Runs COMMAND as its child, passes signals on, collects orphans, ends what COMMAND leaves behind, and exits\n"
    "with the code of COMMAND. With `up`: stands above a supervisor with several services.\n"
    "\n"
    "  -g, --group                  signals go to the child's process group\n"
    "  -c, --single-child           signals go to the child alone (the default)\n"
    "  -r, --rewrite FROM:TO        pass signal TO on in place of FROM; TO 0 drops it (may be repeated)\n"
    "      --kill-after DURATION    kill the child so long after the first TERM, INT or QUIT (default: never)\n"
    "      --grace DURATION         time between TERM and KILL for what the child left behind (default: 5s)\n"
    "      --hang-after DURATION    with `up`: end a supervisor that answers nothing for so long (default: 30s)\n"
    "      --remap-exit FROM:TO     exit with code TO in place of FROM (may be repeated)\n"
    "  -e, --exit-as-success CODE   the same as --remap-exit CODE:0\n"
    "  -s, --subreaper              adopt orphans; always done when this is not PID 1\n"
    "  -p, --parent-death SIGNAL    act as if SIGNAL came when the parent of this process ends\n"
    "  -w, --warn-on-reap           say which orphans were collected\n"
    "  -v, --verbose                say more on standard error; twice: still more\n"
    "  -h, --help                   print this\n"
    "  -V, --version                print the version\n"
    "  -l, --license                print the license\n"
    "\n"
    "Signals: names (TERM, SIGTERM, RTMIN+3) or numbers. Durations: 500ms, 10s, 1m30s.\n"
    "Called as tini, docker-init or dumb-init it takes their options and environment variables.\n";

static const char tini_help[] =
    "usage: tini [OPTION...] [--] COMMAND [ARGUMENT...]\n"
    "\n"
    "  --version    print the version\n"
    "  -h           print this\n"
    "  -s           adopt orphans; always done when this is not PID 1\n"
    "  -p SIGNAL    act as if SIGNAL came when the parent of this process ends\n"
    "  -v           say more on standard error (may be repeated)\n"
    "  -w           say which orphans were collected\n"
    "  -g           signals go to the child's process group\n"
    "  -e CODE      exit with 0 in place of CODE (may be repeated)\n"
    "  -l           print the license\n"
    "\n"
    "TINI_SUBREAPER: as -s. TINI_KILL_PROCESS_GROUP: as -g. TINI_VERBOSITY=N: 0 to 3, default 1.\n"
    "This is supervise-init under the name of tini.\n";

static const char dumb_init_help[] =
    "usage: dumb-init [OPTION...] COMMAND [ARGUMENT...]\n"
    "\n"
    "  -c, --single-child     signals go to the child alone, which gets no session of its own\n"
    "  -r, --rewrite FROM:TO  pass signal TO on in place of FROM; TO 0 drops it (may be repeated)\n"
    "  -v, --verbose          say more on standard error\n"
    "  -h, --help             print this\n"
    "  -V, --version          print the version\n"
    "\n"
    "DUMB_INIT_SETSID=0: as -c. DUMB_INIT_DEBUG=1: as -v.\n"
    "This is supervise-init under the name of dumb-init.\n";

static const char license[] = "MIT License\n"
                              "\n"
                              "Copyright (c) 2026 the authors of supervise\n"
                              "\n"
                              "Permission is hereby granted, free of charge, to any person obtaining a copy\n"
                              "of this software and associated documentation files (the \"Software\"), to deal\n"
                              "in the Software without restriction, including without limitation the rights\n"
                              "to use, copy, modify, merge, publish, distribute, sublicense, and/or sell\n"
                              "copies of the Software, and to permit persons to whom the Software is\n"
                              "furnished to do so, subject to the following conditions:\n"
                              "\n"
                              "The above copyright notice and this permission notice shall be included in all\n"
                              "copies or substantial portions of the Software.\n"
                              "\n"
                              "THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR\n"
                              "IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,\n"
                              "FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE\n"
                              "AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER\n"
                              "LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,\n"
                              "OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE\n"
                              "SOFTWARE.\n";

static const char own_version[] = "supervise-init " VERSION "\n";
static const char tini_version[] = "tini version 0.19.0 (supervise-init " VERSION ")\n";
static const char dumb_init_version[] = "dumb-init v1.2.5 (supervise-init " VERSION ")\n";

#define PRINT(text) (print_text(text, sizeof text - 1) < 0 ? 1 : 0)

int usage_help(enum personality personality) {
  switch (personality) {
  case PERSONALITY_TINI:
    return PRINT(tini_help);
  case PERSONALITY_DUMB_INIT:
    return PRINT(dumb_init_help);
  default:
    return PRINT(own_help);
  }
}

int usage_version(enum personality personality) {
  switch (personality) {
  case PERSONALITY_TINI:
    return PRINT(tini_version);
  case PERSONALITY_DUMB_INIT:
    return PRINT(dumb_init_version);
  default:
    return PRINT(own_version);
  }
}

int usage_license(void) { return PRINT(license); }
