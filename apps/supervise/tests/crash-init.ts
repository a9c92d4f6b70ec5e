import { spawn } from "node:child_process";
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { atEnd, childrenOf, pidNamespaceCommand, until, waitForExit } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { supervisorBelow } from "./crash-kernel.js";
import type { TerminalRows } from "./crash-lines.js";
import { Orders } from "./crash-orders.js";
import { kill, type Project } from "./harness.js";
import { INIT } from "./keeper-harness.js";

const MORTAL = join(dirname(fileURLToPath(import.meta.url)), "programs/mortal-supervisor.js");

/** `supervise-init up` above a supervisor that dies when it is told to. */
export interface MortalInit {
  readonly orders: Orders;
  /** The process that was started: the init, or unshare(1) above it. */
  readonly outer: number;
  /** Its exit code, once its standard output is at its end as well. */
  readonly ended: Promise<number | null>;
  /** The init's number, out here. */
  pid(): Promise<number>;
  supervisor(what: string): Promise<number>;
  /** Standard output is read no more, or again. */
  read(on: boolean): void;
  /** The newest of what the init and the supervisors said on standard error. */
  said(): string;
}

export interface MortalOptions {
  readonly asPidOne: boolean;
  /** V8 believes in a larger stack than there is: too deep a recursion is SIGSEGV. */
  readonly deepStack: boolean;
  readonly rows: TerminalRows;
  /** Called before it is started. */
  readonly prepare: (orders: Orders) => void;
}

/** At the test's end it is told to stop at once. */
export function startMortal(t: TestScope, it: Project, options: MortalOptions): MortalInit {
  const orders = new Orders(join(it.directory, "orders"));
  options.prepare(orders);
  const node = join(it.directory, "node");
  // A small heap is soon exhausted.
  const flags = `--max-old-space-size=64${options.deepStack ? " --stack-size=60000" : ""}`;
  writeFileSync(node, `#!/bin/sh\nexec "${process.execPath}" ${flags} "$@"\n`);
  chmodSync(node, 0o755);
  const words = [INIT, "up", "--file", it.file, "--runtime-dir", it.runtimeDirectory];
  const [program = "", ...args] = options.asPidOne ? pidNamespaceCommand(words) : words;
  const path = join(it.directory, "stderr");
  const stderr = openSync(path, "w");
  const child = spawn(program, args, {
    cwd: it.directory,
    env: {
      ...it.environment,
      SUPERVISE_NODE: node,
      SUPERVISE_COMMAND: MORTAL,
      DEATH_ORDERS: orders.file,
      FIXTURE_LIFE: "240",
    },
    detached: true,
    stdio: ["ignore", "pipe", stderr],
  });
  closeSync(stderr);
  const outer = child.pid ?? 0;
  child.stdout?.setEncoding("latin1").on("data", (text: string) => options.rows.add(text));
  const ended = new Promise<number | null>((resolve) =>
    child.once("close", (code) => resolve(code)),
  );
  const pid = (): Promise<number> =>
    until(() => (options.asPidOne ? childrenOf(outer)[0] : outer), { what: "the init" });
  let init = 0;
  atEnd(t, async () => {
    // One that was collected has no number any more.
    if (child.exitCode !== null || child.signalCode !== null) return;
    for (const signal of ["SIGTERM", "SIGINT"] as const) kill(init || outer, signal);
    try {
      await waitForExit(child);
    } catch (error) {
      kill(outer, "SIGKILL");
      await ended;
      throw error;
    }
  });
  return {
    orders,
    outer,
    ended,
    pid: async () => (init = await pid()),
    supervisor: (what) =>
      until(() => supervisorBelow(init), { what: `a supervisor ${what}`, deadlineMs: 30_000 }),
    read: (on) => {
      if (on) child.stdout?.resume();
      else child.stdout?.pause();
    },
    said: () => readFileSync(path, "latin1").slice(-2_000),
  };
}
