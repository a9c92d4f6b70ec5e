import { join } from "node:path";
import type { PausedReader, ServiceMessage } from "@supervise/log";
import { openProc } from "@supervise/process";
import { createKernel, type Kernel } from "@supervise/sys";
import { atEnd, temporaryDirectory, type TestScope } from "@supervise/testkit";
import type { LiveRun } from "#supervisor/live-run.js";
import type { SyslogRoom, SyslogTrees } from "#supervisor/syslog/syslog-room.js";
import { createSyslogServer, type SyslogServer } from "#supervisor/syslog/syslog-server.js";

export const kernel: Kernel = createKernel();

/** A syslog server on a real socket, with everything around it in memory. */
export interface SyslogScene {
  readonly path: string;
  /** Of the stream socket. */
  readonly streamPath: string;
  readonly server: SyslogServer;
  /** What the services' logs were given. */
  readonly taken: { readonly name: string; readonly message: ServiceMessage }[];
  readonly said: string[];
  readonly warnings: string[];
  /** One turn of the event loop in which all that is watched is readable. */
  turn(): void;
  block(): void;
  unblock(): void;
  /** Milliseconds on its clock. */
  pass(ms: number): void;
  send(message: string | Uint8Array): void;
}

/** `owner` says whose the messages of this process are; `ownPid` is what the supervisor takes for itself. */
export function syslogScene(
  t: TestScope,
  owner: LiveRun | "gone" | null,
  runs: readonly LiveRun[] = [],
  ownPid = -1,
): SyslogScene {
  const path = join(temporaryDirectory(t), "log");
  const taken: { name: string; message: ServiceMessage }[] = [];
  const said: string[] = [];
  const warnings: string[] = [];
  const readers = new Set<() => void>();
  const paused: PausedReader[] = [];
  let blocked = false;
  let nowMs = 1_000;
  const hub = {
    get blocked() {
      return blocked;
    },
    pause: (reader: PausedReader) => {
      paused.push(reader);
    },
    say: (text: string) => said.push(text),
    takeMessage: (name: string, message: ServiceMessage) => {
      taken.push({ name, message: { ...message, bytes: Buffer.from(message.bytes) } });
      return true;
    },
  };
  const room = {
    kernel,
    proc: openProc(kernel),
    hub,
    events: { add: () => undefined },
    watcher: {
      readable: (_fd: number, call: () => void) => {
        readers.add(call);
        return () => void readers.delete(call);
      },
    },
    live: { all: () => runs },
    monotonicMs: () => nowMs,
    warn: (_service: string | null, message: string) => warnings.push(message),
  } as unknown as SyslogRoom;
  const trees: SyslogTrees = { ownerOf: () => owner };
  const server = createSyslogServer(room, trees, null, ownPid);
  atEnd(t, () => server.close());
  const streamPath = `${path}-stream`;
  server.serve({ syslogPath: path, syslogStreamPath: streamPath });
  return {
    path,
    streamPath,
    server,
    taken,
    said,
    warnings,
    turn: () => {
      for (const read of [...readers]) read();
    },
    block: () => {
      blocked = true;
    },
    unblock: () => {
      blocked = false;
      for (const reader of paused.splice(0)) reader.resume();
    },
    pass: (ms) => {
      nowMs += ms;
    },
    send: (message) => {
      const bytes = typeof message === "string" ? Buffer.from(message) : message;
      const result = kernel.sendTo(path, bytes, []);
      if (result < 0) throw new Error(`cannot send: errno ${-result}`);
    },
  };
}

export function run(name: string, mainPid: number): LiveRun {
  return {
    name,
    run: 3,
    mainPid,
    mainEnded: false,
    orphans: new Set(),
    spec: { service: name },
  } as unknown as LiveRun;
}
