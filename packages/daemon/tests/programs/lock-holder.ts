/** lock-holder LOCK PIDFILE: takes the lock, writes the pidfile, starts a child that outlives it, says "ready", and stays until SIGTERM. */
import { spawn } from "node:child_process";
import { acquireLock, DaemonError, writePidfile } from "@supervise/daemon";

const [, , lockfile = "", pidfile = ""] = process.argv;
try {
  process.on("SIGTERM", () => process.exit(0));
  acquireLock(lockfile);
  writePidfile(pidfile);
  const child = spawn("sleep", ["60"], { stdio: "ignore", detached: true });
  child.unref();
  console.log(`ready ${child.pid}`);
  // oxlint-disable-next-line no-restricted-globals -- a program that ends by itself, not a test that waits
  setTimeout(() => process.exit(2), 60_000);
} catch (error) {
  if (!(error instanceof DaemonError)) throw error;
  console.log(`refused ${error.code} ${error.holder}: ${error.message}`);
}
