import { join } from "node:path";
import { serveControl } from "@supervise/control";
import type { ControlTarget } from "@supervise/control";
import type { ServiceStatus } from "@supervise/model";
import { atEnd, temporaryDirectory } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { main } from "#supervise/main.js";
import type { VerbIo } from "#supervise/verb.js";
import { VERBS } from "#supervise/verbs.js";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. Environment and directory are nobody's but the test's. */
export async function run(words: readonly string[], more: Partial<VerbIo> = {}): Promise<Ran> {
  let out = "";
  let err = "";
  const io = {
    out: (text: string | Uint8Array) => void (out += String(text)),
    err: (text: string) => void (err += text),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: () => null,
    environment: {},
    workingDirectory: "/",
    openDialog: () => null,
    ...more,
  };
  const code = await main(words, io, VERBS);
  return { code, out, err };
}

/** Serves a supervisor that the test makes up; what it leaves out must not be asked. Returns the path of its socket. */
export async function serveTarget(
  t: TestScope,
  parts: Partial<ControlTarget>,
  onServing: (close: () => Promise<void>) => void = () => undefined,
): Promise<string> {
  const path = join(temporaryDirectory(t), "control");
  const target = new Proxy(parts, {
    get: (known, key) => {
      if (Object.hasOwn(known, key)) return known[key as keyof ControlTarget];
      throw new Error(`${String(key)} must not be asked`);
    },
  });
  const server = await serveControl(target as ControlTarget, {
    path,
    peer: () => ({ pid: 4242, uid: 0, gid: 0 }),
    ownUid: process.geteuid?.() ?? 0,
    onWarning: (message) => {
      throw new Error(message);
    },
  });
  onServing(() => server.close());
  atEnd(t, () => server.close());
  return path;
}

const TIME = "2026-01-02T03:04:05.000Z";

/** A service that is up, but for what is said of it. */
export function serviceStatus(name: string, more: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    name,
    service: name,
    replica: 1,
    type: "service",
    state: "up",
    stage: null,
    wanted: "up",
    ready: true,
    health: "none",
    reason: "run 1 (pid 12)",
    pid: 12,
    run: 1,
    restarts: 0,
    since: TIME,
    startedAt: TIME,
    lastExit: null,
    statusText: null,
    dependsOn: [],
    ...more,
  };
}
