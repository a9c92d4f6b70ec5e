import type { Datagram, Kernel } from "../kernel.js";
import { createDescriptorTable } from "./descriptors.js";
import { createFakeFiles } from "./files.js";
import type { FakeFiles } from "./files.js";
import { createFakePollers } from "./pollers.js";
import { createProcessTable } from "./processes.js";
import type { FakeProcess, FakeProgram } from "./processes.js";
import { simulate } from "./simulation.js";
import type { FakeAccounts } from "./simulation.js";

export type KernelCall = keyof Kernel;

/** One call that reached the fake, answered or not. */
export interface FakeCall {
  readonly name: KernelCall;
  readonly arguments: readonly unknown[];
}

/**
 * A kernel in memory. Each call throws unless the test expects it: by `allow`, which lets the simulation of processes, pipes, files, sockets and
 * clocks answer, or by `on` and `once`, which give the answer themselves. Whatever changes it returns its undo.
 */
export interface FakeKernel {
  readonly kernel: Kernel;
  readonly calls: readonly FakeCall[];
  /** Calls answered by the simulation; without names, all. `peerCredentials`, `openPty`, `resizePty`, `rawTerminal`, `restoreTerminal`, `send`, `socketPair`, `readLink`, `fileAttribute`, `netlinkSocket`, `descriptorList`, `connectSocket`, `listenUnix`, `listenTcp`, `setBacklog`, `accept` and the calls of inotify(7) have none: use `on`. */
  allow(...names: KernelCall[]): () => void;
  /** Answers every call of that name from now on; the latest `on` counts. */
  on<Name extends KernelCall>(name: Name, answer: Kernel[Name]): () => void;
  /** Answers the next call of that name, before any `on`; several are used in order. */
  once<Name extends KernelCall>(name: Name, answer: Kernel[Name]): () => void;
  /** What a spawn of `file` starts; a spawn that finds no program among its files throws. */
  program(file: string, program?: FakeProgram): () => void;
  /** All processes there ever were, in order of their start. */
  processes(): readonly FakeProcess[];
  /** Throws where there never was such a process. */
  process(pid: number): FakeProcess;
  /** SIGCHLD: called when a process becomes ours to reap. */
  onChildEnd(listener: (pid: number) => void): () => void;
  /** Moves both clocks, and ends the processes whose time comes, in order of their start. */
  advance(ms: number): void;
  /** One turn of the event loop; false when no poller had anything to deliver. */
  turn(): boolean;
  readonly files: FakeFiles;
  readonly accounts: FakeAccounts;
  /** A datagram for the socket bound to `path`. Throws where there is none. */
  deliver(path: string, datagram: Datagram): void;
  /** Our descriptors that are open now. */
  openDescriptors(): readonly number[];
  /** Descriptors that pollers watch. */
  watchedDescriptors(): number;
  /** Throws when an answer given by `once` was not asked for. */
  assertDone(): void;
}

type Answer = (...parameters: never[]) => unknown;

export function createFakeKernel(): FakeKernel {
  let elapsedMs = 0;
  const nowMs = (): number => elapsedMs;
  const programs = new Map<string, FakeProgram>();
  const descriptors = createDescriptorTable();
  const processes = createProcessTable(descriptors, nowMs);
  const files = createFakeFiles(descriptors, processes);
  const pollers = createFakePollers(descriptors);
  const accounts: FakeAccounts = { users: [], groups: [] };
  const programFor = (candidates: readonly string[]): FakeProgram => {
    const file = candidates.find((candidate) => programs.has(candidate));
    const program = file === undefined ? undefined : programs.get(file);
    if (program === undefined) throw new Error(`no fake program "${candidates.join('" or "')}"`);
    return program;
  };
  const simulation = simulate({
    descriptors,
    processes,
    pollers,
    files,
    accounts,
    nowMs,
    programFor,
  });
  const { kernel, calls, ...expectations } = createExpectations(simulation);
  return {
    kernel,
    calls,
    ...expectations,
    program: (file, program = {}) => setUntilUndone(programs, file, program),
    processes: () => processes.all(),
    process(pid) {
      const found = processes.find(pid);
      if (found === null) throw new Error(`no fake process ${pid}`);
      return found;
    },
    onChildEnd: (listener) => processes.onChildEnd(listener),
    advance(ms) {
      elapsedMs += ms;
      processes.endOverdue();
    },
    turn: () => pollers.turn(),
    files,
    accounts,
    deliver: (path, datagram) => files.deliver(path, datagram),
    openDescriptors: () => descriptors.numbers(),
    watchedDescriptors: () => pollers.watched(),
  };
}

type Expectations = Pick<FakeKernel, "kernel" | "calls" | "allow" | "on" | "once" | "assertDone">;

/** The surface: the simulation's own keys, those without a simulation among them as null. */
function createExpectations(simulation: {
  readonly [Name in KernelCall]: Kernel[Name] | null;
}): Expectations {
  const names = Object.keys(simulation) as KernelCall[];
  const allowed = new Map<KernelCall, number>();
  const standing = new Map<KernelCall, Answer>();
  const waiting: { readonly name: KernelCall; readonly answer: Answer }[] = [];
  const calls: FakeCall[] = [];
  const answerTo = (name: KernelCall): Answer | null => {
    const index = waiting.findIndex((each) => each.name === name);
    if (index >= 0) return waiting.splice(index, 1)[0]?.answer ?? null;
    return standing.get(name) ?? (allowed.get(name) ? simulation[name] : null);
  };
  const call =
    (name: KernelCall) =>
    (...parameters: never[]): unknown => {
      calls.push({ name, arguments: parameters });
      const answer = answerTo(name);
      if (answer === null)
        throw new Error(
          `unexpected call of the kernel: ${name}(${parameters.map(shown).join(", ")})`,
        );
      return answer(...parameters);
    };
  return {
    kernel: Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as Kernel,
    calls,
    allow(...chosen) {
      const granted =
        chosen.length > 0 ? chosen : names.filter((name) => simulation[name] !== null);
      for (const name of granted) {
        if (simulation[name] === null)
          throw new Error(
            `the fake kernel has no simulation of ${name}: answer it by on() or once()`,
          );
        allowed.set(name, (allowed.get(name) ?? 0) + 1);
      }
      return once(() => {
        for (const name of granted) allowed.set(name, (allowed.get(name) ?? 1) - 1);
      });
    },
    on: (name, answer) => setUntilUndone<KernelCall, Answer>(standing, name, answer),
    once(name, answer) {
      const entry = { name, answer };
      waiting.push(entry);
      return () => {
        const index = waiting.indexOf(entry);
        if (index >= 0) waiting.splice(index, 1);
      };
    },
    assertDone() {
      if (waiting.length === 0) return;
      throw new Error(
        `calls of the kernel that never came: ${waiting.map((each) => each.name).join(", ")}`,
      );
    },
  };
}

/** The undo brings back what was there before, unless something newer stands in its place. */
function setUntilUndone<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): () => void {
  const before = map.get(key);
  map.set(key, value);
  return once(() => {
    if (map.get(key) !== value) return;
    if (before === undefined) map.delete(key);
    else map.set(key, before);
  });
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? JSON.stringify(value)
    : typeof value;
}
