import {
  createKernel,
  daemonize,
  listenFdsWithNames,
  notifyReady,
  onReload,
  openLogfile,
  writePidfile,
} from "@supervise/daemon";
import type { Daemon, Pidfile } from "@supervise/daemon";
import type { Clock } from "./clock.js";
import { createConnections } from "./connections.js";
import { createRoutes, route } from "./http/routes.js";
import { openListener } from "./listener.js";
import { createLog, formatMs } from "./log.js";
import type { Log } from "./log.js";
import { readConf } from "./read-conf.js";
import type { ConfFile } from "./read-conf.js";
import { reload } from "./reload.js";
import type { Settings } from "./settings.js";
import { shutDownInOrder } from "./shut-down.js";
import { statusOf } from "./status.js";
import { VERSION } from "./version.js";

export interface DaemonRequest {
  readonly conf: ConfFile;
  readonly foreground: boolean;
  readonly clock: Clock;
}

/** The log of a daemon (docs/daemond.md). */
const LOG_FD = 3;

/**
 * Becomes the daemon and serves until a signal ends it. In the process that was started it does not return, but in the foreground. Throws what keeps it from starting.
 */
export async function runDaemon({ conf, foreground, clock }: DaemonRequest): Promise<void> {
  let settings = readConf(conf);
  const daemon = await daemonize({ foreground, lockfile: `${settings.pidFile}.lock`, reserve: 1 });
  const inherited = takeInherited();
  const log = openLog(settings, daemon, inherited, clock);
  const firstNanos = log.step(
    `started as process ${process.pid}: daemond ${VERSION}, ${foreground ? "in the foreground" : "detached"}, configuration "${conf.path}"`,
  );
  tellFaults(log);
  try {
    const pidfile = writePidfile(settings.pidFile);
    log.step(describePidfile(pidfile));
    const connections = createConnections({
      clock,
      row: log.row,
      answer: (request) => route(routes, request),
      idleTimeoutMs: () => settings.idleTimeoutMs,
    });
    const startedMicros = clock.realtimeMicros();
    let generation = 1;
    const routes = createRoutes(() =>
      statusOf({ settings, listener, log, connections, generation, startedMicros, clock }),
    );
    const listener = await openListener(settings, inherited?.fd ?? null, connections.accept);
    const listeningNanos = log.step(
      `listening on ${listener.address}, descriptor ${listener.fd}, ${describeOrigin(inherited)}`,
    );
    connections.startScans();
    shutDownInOrder({ listener, connections, pidfile, log, clock });
    onReload(
      () => {
        const next = reload({ conf, settings, listener, log, clock });
        if (next !== settings) generation += 1;
        settings = next;
      },
      { tell: log.row },
    );
    // Added last, so that the pidfile's is before it.
    process.once("exit", (code) => void createKernel().exitAtOnce(code));
    daemon.ready();
    notifyReady(`listening on ${listener.address}`);
    const took = formatMs(Number(listeningNanos - firstNanos) / 1e6);
    log.step(`ready: start to listening took ${took}`);
  } catch (error) {
    log.row(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

interface Inherited {
  readonly fd: number;
  readonly name: string;
  /** Number 3 was passed, and is ours to use again. */
  readonly freedLogDescriptor: boolean;
}

/** The first socket that a manager passed, out of the way of the log; the others are not for us. Null: there is none. */
function takeInherited(): Inherited | null {
  const kernel = createKernel();
  const [first, ...others] = listenFdsWithNames();
  for (const { fd } of others) kernel.close(fd);
  if (first === undefined) return null;
  return {
    fd: kernel.duplicate(first.fd),
    name: first.name,
    freedLogDescriptor: first.fd === LOG_FD,
  };
}

/** In the foreground Node has number 3 for itself, unless a socket was passed there. */
function openLog(
  { log }: Settings,
  { detached }: Daemon,
  inherited: Inherited | null,
  clock: Clock,
): Log {
  const fixed = detached || inherited?.freedLogDescriptor === true;
  return createLog(openLogfile(log, fixed ? { descriptor: LOG_FD } : {}), clock, process.pid);
}

function describePidfile({ path, replaced }: Pidfile): string {
  const old =
    replaced === null ? "" : `, which held the number ${replaced} of a daemon that is gone`;
  return `wrote pidfile "${path}"${old}`;
}

function describeOrigin(inherited: Inherited | null): string {
  return inherited === null
    ? "bound with SO_REUSEADDR, backlog 128"
    : `passed by the manager as "${inherited.name}"`;
}

/** Descriptor 2 of a daemon is /dev/null. SIGUSR1 would open Node's debugger, to which anybody on this machine may connect. */
function tellFaults(log: Log): void {
  process.on("uncaughtException", (error) => {
    log.row(`internal error: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  process.on("SIGUSR1", () => log.row("ignored SIGUSR1"));
}
