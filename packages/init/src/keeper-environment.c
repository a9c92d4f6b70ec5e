/*
 * The environment that the init got belongs to the services. It is held as a deposit, byte for byte; the supervisor runs without what would
 * change Node itself.
 */
#include "keeper-state.h"

#include "descriptors.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * NODE_OPTIONS and its kin are meant for the programs of the image: a debugger port, a preloaded module or a heap limit would hit the
 * supervisor as well. NODE_CHANNEL_FD and NODE_UNIQUE_ID would make it take a descriptor for its parent's channel. All of Node's names begin
 * with NODE_, and new ones come with new versions, so the prefix is taken; NODE_ENV is the one of them that Node does not know. Then
 * OPENSSL_CONF, which Node reads at its start and dies of when it is wrong, and what libuv reads. LD_PRELOAD and LD_LIBRARY_PATH stay: Node
 * itself may need them in this image. Our own number is given anew to each supervisor.
 */
static bool is_for_services_only(const char *entry) {
  static const char *const names[] = {
      "OPENSSL_CONF=", "OPENSSL_MODULES=", "UV_THREADPOOL_SIZE=", "UV_USE_IO_URING=", "SUPERVISE_KEEPER="};
  if (strncmp(entry, "NODE_", 5) == 0) return strncmp(entry, "NODE_ENV=", 9) != 0;
  for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    if (strncmp(entry, names[i], strlen(names[i])) == 0) return true;
  return false;
}

size_t keeper_environment(char **envp, char **kept) {
  size_t count = 0;
  for (; *envp != NULL; envp++) {
    if (kept == NULL) count++;
    else if (!is_for_services_only(*envp)) kept[count++] = *envp;
  }
  return count;
}

static int write_entries(int memory, char **envp) {
  for (; *envp != NULL; envp++) {
    const char *rest = *envp;
    for (size_t length = strlen(rest) + 1; length > 0;) {
      ssize_t written = write(memory, rest, length);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return -errno;
      rest += written;
      length -= (size_t)written;
    }
  }
  return 0;
}

void keeper_deposit_environment(struct keeper *keeper) {
  int memory = memfd_create("supervise-environment", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  int error = memory < 0 ? -errno : write_entries(memory, keeper->envp);
  if (error == 0 && fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
    error = -errno;
  if (error == 0 && (memory = descriptors_raise(memory)) < 0) error = memory;
  if (error == 0)
    error = table_put(&keeper->table, ENVIRONMENT_NAME, sizeof(ENVIRONMENT_NAME) - 1, &memory, 1, keeper->generation);
  if (error == 0) return;
  if (memory >= 0) close(memory);
  report_errno("hold the environment for the services", -error);
}
