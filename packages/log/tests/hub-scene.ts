import {
  createLogHub,
  type LogHub,
  type LogHubOptions,
  type LogProblem,
  type TerminalTarget,
} from "@supervise/log";
import type { LoggingSpec } from "@supervise/model";

import { MemoryKernel } from "./memory-kernel.js";

/** A hub on pipes in memory, with one output that keeps what is written. */
export interface Scene {
  readonly kernel: MemoryKernel;
  readonly hub: LogHub;
  readonly problems: LogProblem[];
  readonly terminal: number;
  /** All bytes the terminal took. */
  readonly shown: () => string;
  /** Makes a service known and opens run 1; the read ends of its pipes. */
  readonly service: (name: string, logging?: LoggingSpec) => { stdout: number; stderr: number };
}

export interface SceneOptions {
  /** Null: no terminal. */
  readonly terminal?: {
    readonly tty?: boolean;
    readonly colour?: boolean;
    readonly screenRows?: () => number;
    readonly gnuScreen?: boolean;
    readonly after?: TerminalTarget["after"] & {};
    readonly writer?: (bytes: Buffer) => number;
  } | null;
  readonly hub?: Partial<LogHubOptions>;
}

/** 2026-01-02T03:04:05.123456Z */
export const startMicros = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 123_456;

export function scene(options: SceneOptions = {}): Scene {
  const kernel = new MemoryKernel();
  const taken: Buffer[] = [];
  const problems: LogProblem[] = [];
  const target = options.terminal === undefined ? {} : options.terminal;
  const terminal = kernel.output((bytes) => {
    const length = target?.writer?.(bytes) ?? bytes.length;
    if (length > 0) taken.push(bytes.subarray(0, length));
    return length;
  });
  let now = startMicros;
  const hub = createLogHub({
    kernel,
    watch: kernel.watch,
    clock: () => now++,
    terminal:
      target === null
        ? null
        : { ...target, fd: terminal, tty: target.tty ?? false, colour: target.colour ?? false },
    onProblem: (problem) => problems.push(problem),
    ...options.hub,
  });
  return {
    kernel,
    hub,
    problems,
    terminal,
    shown: () => Buffer.concat(taken).toString(),
    service(name, logging = { driver: "none" }) {
      hub.configure({ name, logging });
      const output = { stdout: kernel.pipe(), stderr: kernel.pipe() };
      hub.openRun(name, 1, output);
      return output;
    },
  };
}
