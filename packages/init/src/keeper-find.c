/* Where Node and the supervisor's program are. Asked anew before each start, for an upgrade may have moved them. */
#include "keeper-state.h"

#include "report.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* 0 for a file that is there and, if asked, may be executed. */
static int check_file(const char *path, bool executable) {
  struct stat facts;
  if (stat(path, &facts) < 0) return -errno;
  if (!S_ISREG(facts.st_mode)) return -EACCES;
  return executable && access(path, X_OK) < 0 ? -errno : 0;
}

/* Puts folder/name together, if it fits. */
static int join(char *path, const char *folder, size_t folder_length, const char *name) {
  size_t length = strlen(name);
  if (folder_length + 1 + length + 1 > LONGEST_TEXT) return -ENAMETOOLONG;
  memmove(path, folder, folder_length);
  path[folder_length] = '/';
  memcpy(path + folder_length + 1, name, length + 1);
  return 0;
}

/*
 * The folder of this program without a slash at the end: its true path, or where /proc is missing what the caller named it by. The length
 * (0 for the root); -1: unknown.
 */
static ssize_t own_folder(const struct keeper *keeper, char *folder) {
  ssize_t length = readlink("/proc/self/exe", folder, LONGEST_TEXT - 1);
  const char *name = keeper->argv[0];
  if (length <= 0 && name != NULL && strchr(name, '/') != NULL && strlen(name) < LONGEST_TEXT) {
    length = (ssize_t)strlen(name);
    memcpy(folder, name, (size_t)length);
  }
  if (length <= 0) return -1;
  while (length > 0 && folder[length - 1] != '/') length--;
  while (length > 0 && folder[length - 1] == '/') length--;
  folder[length] = 0;
  return length;
}

static int not_usable(const char *what, const char *path, const char *variable_name, int error) {
  struct line line;
  line_start(&line);
  line_text(&line, "cannot start the supervisor: ");
  line_text(&line, what);
  line_text(&line, " ");
  line_quoted(&line, path);
  line_text(&line, ", named by ");
  line_text(&line, variable_name);
  line_text(&line, ": ");
  line_errno(&line, -error);
  line_send(&line);
  return error;
}

int keeper_find_node(const struct keeper *keeper, char *path) {
  const char *named = variable(keeper->envp, "SUPERVISE_NODE");
  if (named != NULL && *named != 0) {
    int error = strlen(named) < LONGEST_TEXT ? check_file(named, true) : -ENAMETOOLONG;
    if (error < 0) return not_usable("Node", named, "SUPERVISE_NODE", error);
    strcpy(path, named);
    return 0;
  }
  ssize_t length = own_folder(keeper, path);
  if (length >= 0 && join(path, path, (size_t)length, "node") == 0 && check_file(path, true) == 0) return 0;
  const char *folders = variable(keeper->envp, "PATH");
  for (const char *from = folders != NULL ? folders : USUAL_PATH;;) {
    const char *end = strchrnul(from, ':');
    /* An empty folder name is the current one. */
    const char *folder = end == from ? "." : from;
    if (join(path, folder, end == from ? 1 : (size_t)(end - from), "node") == 0 && check_file(path, true) == 0)
      return 0;
    if (*end == 0) break;
    from = end + 1;
  }
  report("cannot start the supervisor: no program \"node\" beside this one or in PATH; SUPERVISE_NODE can name it "
         "(ENOENT)");
  return -ENOENT;
}

/* From the folder of this program: so many folders up, then down. In a checkout, in node_modules (scoped or not), and below a prefix. */
static const struct {
  unsigned up;
  const char *down;
} places[] = {{3, "apps/supervise/bin/supervise.js"},
              {3, "supervise/bin/supervise.js"},
              {2, "supervise/bin/supervise.js"},
              {4, "bin/supervise.js"},
              {1, "lib/node_modules/supervise/bin/supervise.js"},
              {1, "lib/supervise/bin/supervise.js"},
              {0, "supervise.js"}};

/* Cuts a folder off at the end; the root has none. False if there is none. */
static bool cut_folder(const char *folder, size_t *length) {
  if (*length == 0) return false;
  while (*length > 0 && folder[*length - 1] != '/') --*length;
  while (*length > 0 && folder[*length - 1] == '/') --*length;
  return true;
}

int keeper_find_command(const struct keeper *keeper, char *path) {
  const char *named = variable(keeper->envp, "SUPERVISE_COMMAND");
  if (named != NULL && *named != 0) {
    int error = strlen(named) < LONGEST_TEXT ? check_file(named, false) : -ENAMETOOLONG;
    if (error < 0) return not_usable("the program", named, "SUPERVISE_COMMAND", error);
    strcpy(path, named);
    return 0;
  }
  static char folder[LONGEST_TEXT];
  ssize_t own = own_folder(keeper, folder);
  for (size_t i = 0; own >= 0 && i < sizeof(places) / sizeof(*places); i++) {
    size_t length = (size_t)own;
    unsigned up = places[i].up;
    while (up > 0 && cut_folder(folder, &length)) up--;
    if (up == 0 && join(path, folder, length, places[i].down) == 0 && check_file(path, false) == 0) return 0;
  }
  struct line line;
  line_start(&line);
  line_text(&line, "cannot start the supervisor: no supervise.js in the folders around ");
  line_quoted(&line, own >= 0 ? folder : "(unknown without /proc)");
  line_text(&line, "; SUPERVISE_COMMAND can name it (ENOENT)");
  line_send(&line);
  return -ENOENT;
}
