import type { EndedChild, ExecStage, SpawnRequest, SpawnResult } from "../kernel.js";
import { readOpenFile, releaseOpenFile, retain, writeOpenFile } from "./descriptors.js";
import type { DescriptorTable, OpenFile } from "./descriptors.js";

const noSuchProcess = -3;
const badDescriptor = -9;
const invalidArgument = -22;

const lastStandardStream = 2;
const sigkill = 9;
/** CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG and WINCH do not end a process by default. */
const harmless: ReadonlySet<number> = new Set([17, 18, 19, 20, 21, 22, 23, 28]);

/** How a fake process ends: as wait(2) would say it. */
export type FakeEnd = { readonly code: number } | { readonly signal: number };

/** What a fake program does; absent, it runs until a signal ends it or the test does. */
export interface FakeProgram {
  /** Its life on the fake clock, from its start; then it ends by `end`, code 0 unless said. */
  readonly endsAfterMs?: number;
  readonly end?: FakeEnd;
  /** Signals that it survives; SIGKILL is never among them. */
  readonly ignores?: readonly number[];
  /** Called on each signal but SIGKILL, before the default takes place; true means it was handled. */
  readonly onSignal?: (signal: number, process: FakeProcess) => boolean;
  readonly onStart?: (process: FakeProcess) => void;
  /** The spawn fails so, and no process comes to be. */
  readonly fails?: { readonly stage: ExecStage; readonly errno: number };
}

/** A process of the fake kernel, in the hands of the test. */
export interface FakeProcess {
  readonly pid: number;
  /** 1 stands for the process under test, to which orphans come too; 0 for its parent. */
  readonly parent: number;
  readonly processGroup: number;
  readonly request: SpawnRequest;
  /** Signals that reached it, in order. */
  readonly signals: readonly number[];
  readonly state: "running" | "zombie" | "gone";
  readonly end: FakeEnd | null;
  /** Its descriptors are closed, its children become orphans of ours. A second end is an error of the test and throws. */
  exit(end: FakeEnd): void;
  /** write(2) and read(2) on its own descriptors. */
  write(fd: number, data: string | Uint8Array): number;
  read(fd: number, maxBytes: number): Uint8Array | number;
  close(fd: number): void;
  /** A child with the same descriptors and process group, that does what `program` says. */
  fork(program?: FakeProgram): FakeProcess;
}

/** What the table knows of a process; the test sees it as {@link FakeProcess}. */
interface Living extends FakeProcess {
  parent: number;
  state: FakeProcess["state"];
  end: FakeEnd | null;
  readonly signals: number[];
  readonly program: FakeProgram;
  descriptors: (OpenFile | null)[];
  readonly deadlineMs: number;
}

/** The process table of one fake kernel. */
export interface ProcessTable {
  spawn(request: SpawnRequest, program: FakeProgram): SpawnResult;
  reap(exempt: (pid: number) => boolean): readonly EndedChild[];
  kill(pid: number, signal: number): number;
  find(pid: number): FakeProcess | null;
  openFileOf(pid: number, fd: number): OpenFile | null;
  all(): readonly FakeProcess[];
  endOverdue(): void;
  onChildEnd(listener: (pid: number) => void): () => void;
}

/** Us, in the eyes of the fake processes. */
export const ownPid = 1;

/** Our parent, who reaps our siblings unseen. */
const theirPid = 0;

export function createProcessTable(
  descriptors: DescriptorTable,
  nowMs: () => number,
): ProcessTable {
  const table = new Map<number, Living>();
  const listeners = new Set<(pid: number) => void>();
  let lastPid = 100;

  const finish = (living: Living, end: FakeEnd): void => {
    if (living.state !== "running") throw new Error(`fake process ${living.pid} has ended already`);
    living.state = "zombie";
    living.end = end;
    for (const open of living.descriptors) if (open !== null) releaseOpenFile(open);
    living.descriptors = [];
    const toReap = living.parent === ownPid ? [living.pid] : [];
    for (const child of table.values()) {
      if (child.parent !== living.pid) continue;
      child.parent = ownPid;
      if (child.state === "zombie") toReap.push(child.pid);
    }
    for (const pid of toReap) for (const listener of listeners) listener(pid);
  };

  const begin = (
    origin: Pick<FakeProcess, "request" | "parent">,
    program: FakeProgram,
    descriptorsOfChild: readonly (OpenFile | null)[],
    group: (pid: number) => number,
  ): Living => {
    const pid = ++lastPid;
    const living: Living = {
      pid,
      parent: origin.parent,
      processGroup: group(pid),
      request: origin.request,
      program,
      signals: [],
      state: "running",
      end: null,
      descriptors: descriptorsOfChild.map((open) => (open === null ? null : retain(open))),
      deadlineMs: program.endsAfterMs === undefined ? Infinity : nowMs() + program.endsAfterMs,
      exit: (end) => finish(living, end),
      write(fd, data) {
        const open = living.descriptors[fd] ?? null;
        return open === null
          ? badDescriptor
          : writeOpenFile(open, typeof data === "string" ? Buffer.from(data) : data);
      },
      read(fd, maxBytes) {
        const open = living.descriptors[fd] ?? null;
        const into = new Uint8Array(maxBytes);
        const count = open === null ? badDescriptor : readOpenFile(open, into);
        return count < 0 ? count : into.subarray(0, count);
      },
      close(fd) {
        const open = living.descriptors[fd] ?? null;
        if (open !== null) releaseOpenFile(open);
        living.descriptors[fd] = null;
      },
      fork: (forked = {}) =>
        begin(
          { request: living.request, parent: pid },
          forked,
          living.descriptors,
          () => living.processGroup,
        ),
    };
    table.set(pid, living);
    program.onStart?.(living);
    return living;
  };

  const deliver = (living: Living, signal: number): void => {
    if (signal === 0 || living.state !== "running") return;
    living.signals.push(signal);
    if (signal === sigkill) return finish(living, { signal });
    if (
      living.program.onSignal?.(signal, living) === true ||
      living.program.ignores?.includes(signal)
    )
      return;
    if (!harmless.has(signal)) finish(living, { signal });
  };

  return {
    spawn(request, program) {
      const sibling = request.sibling === true;
      if (program.fails !== undefined)
        return sibling ? { ...program.fails, failedPid: ++lastPid } : program.fails;
      const open = request.descriptors.map((fd) => (fd < 0 ? null : descriptors.get(fd)));
      const missing = open.some(
        (each, index) => each === null && (request.descriptors[index] ?? -1) > lastStandardStream,
      );
      if (missing) return { stage: "descriptors", errno: badDescriptor };
      const { session } = request;
      const group = (pid: number): number => {
        if (session === "inherit") return ownPid;
        // The number of a leader that has ended already is nobody's here.
        if (session === "detached") return pid;
        return session === "new" || session.processGroup === 0 ? pid : session.processGroup;
      };
      return {
        pid: begin({ request, parent: sibling ? theirPid : ownPid }, program, open, group).pid,
      };
    },
    reap(exempt) {
      const ended: EndedChild[] = [];
      for (const living of table.values()) {
        if (living.state !== "zombie" || living.parent !== ownPid || exempt(living.pid)) continue;
        living.state = "gone";
        ended.push(endedChild(living));
      }
      return ended;
    },
    kill(pid, signal) {
      if (signal < 0 || signal > 64) return invalidArgument;
      const reached = [...table.values()].filter(
        (living) =>
          living.state !== "gone" && (pid > 0 ? living.pid === pid : living.processGroup === -pid),
      );
      for (const living of reached) deliver(living, signal);
      return reached.length > 0 ? 0 : noSuchProcess;
    },
    find: (pid) => table.get(pid) ?? null,
    openFileOf: (pid, fd) => table.get(pid)?.descriptors[fd] ?? null,
    all: () => [...table.values()],
    endOverdue() {
      for (const living of table.values()) {
        if (living.state === "running" && living.deadlineMs <= nowMs())
          finish(living, living.program.end ?? { code: 0 });
      }
    },
    onChildEnd(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function endedChild(living: Living): EndedChild {
  const end = living.end ?? { code: 0 };
  return {
    pid: living.pid,
    code: "code" in end ? end.code : null,
    signal: "signal" in end ? end.signal : null,
    coreDumped: false,
    userCpuMicros: 0,
    systemCpuMicros: 0,
    maxRssBytes: 0,
  };
}
