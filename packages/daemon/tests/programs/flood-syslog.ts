/** Says more than a socket holds that nobody reads, does not close the log, and tells at its end what was lost. */
import { LOG_ERR, openlog, syslog, syslogCounts } from "@supervise/daemon";

openlog("flood", 0, "daemon", { target: { path: process.argv[2] ?? "" }, holdMs: 100 });
for (let index = 0; index < 3000; index += 1) syslog(LOG_ERR, `message ${index}`);
process.on("exit", () => process.stdout.write(`${syslogCounts().lost} lost\n`));
