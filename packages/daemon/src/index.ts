export { listenFds, listenFdsWithNames } from "./listen-fds.js";
export type { ListenFd, ListenFdsOptions } from "./listen-fds.js";
export { DaemonError } from "./daemon-error.js";
export { identityOf } from "./identity.js";
export type { DaemonIdentity } from "./identity.js";
export { acquireLock, alreadyRunning } from "./lock.js";
export type { AlreadyRunning, DaemonLock, LockOptions } from "./lock.js";
export { findRunning, openLockFile, readHolder } from "./lock-file.js";
export type { Running } from "./lock-file.js";
export { assertPidfileWritable, writePidfile } from "./pidfile.js";
export type { Pidfile, PidfileOptions } from "./pidfile.js";
export { openLogfile } from "./logfile.js";
export type { Logfile, LogfileOptions } from "./logfile.js";
export { daemonize } from "./daemonize/daemonize.js";
export type { Daemon } from "./daemonize/daemonize.js";
export type { DaemonizeOptions } from "./daemonize/daemonize-options.js";
export { runForeground } from "./daemonize/foreground.js";
export type { Foreground, ForegroundRequest } from "./daemonize/foreground.js";
export { launch } from "./daemonize/launch.js";
export type { Launched, LaunchRequest, NotSpawned } from "./daemonize/launch.js";
export type { ReadyBy } from "./daemonize/readiness.js";
export { openStartupErrors } from "./daemonize/startup-errors.js";
export type { StartupErrors } from "./daemonize/startup-errors.js";
export { endDaemon, signalProcess } from "./daemonize/end-daemon.js";
export type { EndedDaemon } from "./daemonize/end-daemon.js";
export {
  LOG_EMERG,
  LOG_ALERT,
  LOG_CRIT,
  LOG_ERR,
  LOG_WARNING,
  LOG_NOTICE,
  LOG_INFO,
  LOG_DEBUG,
  LOG_KERN,
  LOG_USER,
  LOG_MAIL,
  LOG_DAEMON,
  LOG_AUTH,
  LOG_SYSLOG,
  LOG_LPR,
  LOG_NEWS,
  LOG_UUCP,
  LOG_CRON,
  LOG_AUTHPRIV,
  LOG_FTP,
  LOG_LOCAL0,
  LOG_LOCAL1,
  LOG_LOCAL2,
  LOG_LOCAL3,
  LOG_LOCAL4,
  LOG_LOCAL5,
  LOG_LOCAL6,
  LOG_LOCAL7,
  LOG_PID,
  LOG_CONS,
  LOG_ODELAY,
  LOG_NDELAY,
  LOG_NOWAIT,
  LOG_PERROR,
  LOG_MASK,
  LOG_UPTO,
} from "./syslog/constants.js";
export { closelog, flushlog, openlog, setlogmask, syslog, syslogCounts } from "./syslog/syslog.js";
export { createSyslog } from "./syslog/logger.js";
export type {
  SyslogCounts,
  SyslogDetails,
  SyslogKernel,
  SyslogLogger,
  SyslogOptions,
  SyslogTarget,
} from "./syslog/options.js";
export type { ErrorCause } from "./syslog/expand-error.js";
export { parseSyslog } from "@supervise/model";
export type {
  ParsedSyslog,
  ParseSyslogOptions,
  StructuredElement,
  SyslogForm,
} from "@supervise/model";
export { notify, notifyBarrier, notifyReady } from "./notify.js";
export type { NotifyKernel, NotifyOptions, NotifyOutcome } from "./notify.js";
export type { NotifyState } from "./notify-state.js";
export { watchdogEnabled } from "./watchdog.js";
export type { Watchdog, WatchdogOptions } from "./watchdog.js";
export { onReload } from "./reload.js";
export type { ReloadHandler, ReloadOptions } from "./reload.js";
export { onShutdown, shutdownBegun, shutdownTimedOut } from "./shutdown.js";
export type { Shutdown, ShutdownHandler, ShutdownOptions, ShutdownSignal } from "./shutdown.js";
export type { Tell } from "./tell.js";
export {
  createKernel,
  errnoName,
  errnoNumber,
  errnoText,
  socketDescriptor,
  useAddon,
} from "@supervise/sys";
export type { Kernel } from "@supervise/sys";
