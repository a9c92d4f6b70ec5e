/** Says two messages through the calls of syslog(3), to the socket it is given. */
import {
  closelog,
  LOG_DAEMON,
  LOG_ERR,
  LOG_NDELAY,
  LOG_PERROR,
  LOG_PID,
  LOG_WARNING,
  openlog,
  setlogmask,
  LOG_UPTO,
  syslog,
} from "@supervise/daemon";

const path = process.argv[2] ?? "/dev/log";
setlogmask(LOG_UPTO(LOG_WARNING));
openlog("my daemon", LOG_PID | LOG_NDELAY | LOG_PERROR, LOG_DAEMON, { target: { path } });
syslog(LOG_WARNING, "cannot open: %m", { cause: -13 });
syslog(LOG_WARNING + 1, "masked");
syslog(LOG_ERR, "second line");
closelog();
