/**
 * A daemon of a few lines: node-daemon MODE DIRECTORY. It makes a daemon of itself with d.pid and d.log in the directory, and then is ready, or what its mode says:
 * throw, exit, never, foreground, plain (no log).
 */
import { daemonize } from "@supervise/daemon";

const [, , mode = "", directory = ""] = process.argv;
const daemon = await daemonize({
  pidfile: `${directory}/d.pid`,
  ...(mode === "plain" ? {} : { stderr: `${directory}/d.log` }),
  ...(mode === "never" ? { timeoutMs: 300, graceMs: 200 } : {}),
  foreground: mode === "foreground",
});
process.on("SIGTERM", () => process.exit(0));
// oxlint-disable-next-line no-restricted-globals -- it ends by itself, whatever becomes of the test
setTimeout(() => process.exit(2), 60_000);
console.error("starting");
if (mode === "throw") throw new Error("no port");
if (mode === "exit") process.exit(7);
if (mode !== "never") daemon.ready();
console.error(`ready, detached: ${daemon.detached}, replaced: ${daemon.pidfile?.replaced}`);
