import { constants } from "node:fs";
import type { ServiceSpec } from "@supervise/model";
import { sameProcess, type Keeper, type Proc, type RecordStore } from "@supervise/process";
import { errnoName, errnoText, type Kernel } from "@supervise/sys";

import { digest } from "./spec-mark.js";

/** A pipe to the standard input of a service that reads the lines of others. Both ends are non-blocking. */
interface InputPipe {
  /** -1: ended. */
  write: number;
  /** Keeps what is in the pipe while nobody reads. */
  readonly read: number;
}

/** The pipes by which services read the lines of others: each outlives the runs of its service, and under a keeper us too. */
export interface Inputs {
  /** Where its lines are written, non-blocking, the caller's to close. A negative errno: there is none. */
  writeEnd(name: string): number;
  /** What becomes standard input of the next run, the caller's to close; null: it reads no lines of others. A negative errno: it cannot be had. */
  forRun(spec: ServiceSpec): number | null;
  /** No more lines come: the service reads what is left, and then the end of its input. */
  end(name: string): void;
  /** Bytes that it has not read. */
  unread(name: string): number;
  /** Everything has come to its end: says what was not read. */
  tellUnread(): void;
  /** The services that do not read lines (any more). */
  keepOnly(specs: readonly ServiceSpec[]): void;
  close(): void;
}

export interface InputsPort {
  readonly kernel: Kernel;
  readonly proc: Proc;
  readonly keeper: Keeper | null;
  /** What an earlier supervisor without a keeper wrote down; null: nothing. */
  readonly records: RecordStore | null;
  readonly warn: (service: string, message: string) => void;
}

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** The keeper takes names of at most so many bytes; those of services are ASCII. */
const LONGEST_DEPOSIT = 63;

function depositOf(name: string): string {
  const deposit = `input/${name}`;
  return deposit.length > LONGEST_DEPOSIT ? `input/~${digest(name)}` : deposit;
}

/** Is the deposit with this name one of these pipes? */
export function isInput(deposit: string): boolean {
  return deposit.startsWith(depositOf(""));
}

export function createInputs(port: InputsPort): Inputs {
  const { kernel, proc, keeper, records, warn } = port;
  const pipes = new Map<string, InputPipe>();

  const deposited = (name: string): InputPipe | null => {
    const [write, read] = keeper?.take(depositOf(name)) ?? [];
    return write === undefined || read === undefined ? null : { write, read };
  };
  /** A run that goes on has it, where no keeper has. */
  const held = (name: string): InputPipe | null => {
    const main = records?.loaded.records.get(name)?.main ?? null;
    if (main === null || !sameProcess(proc, main)) return null;
    if (proc.link(`${main.pid}/fd/0`)?.startsWith("pipe:") !== true) return null;
    return bothEnds(`/proc/${main.pid}/fd/0`);
  };
  const bothEnds = (path: string): InputPipe | null => {
    const read = kernel.open(path, O_RDONLY | O_NONBLOCK, 0);
    const write = read < 0 ? read : kernel.open(path, O_WRONLY | O_NONBLOCK, 0);
    if (write >= 0) return { write, read };
    if (read >= 0) kernel.close(read);
    return null;
  };
  const made = (): InputPipe | number => {
    const pipe = kernel.pipe();
    if (typeof pipe === "number") return pipe;
    // Opened anew, for the end that was made waits in its writes.
    const write = kernel.open(`/proc/self/fd/${pipe.write}`, O_WRONLY | O_NONBLOCK, 0);
    kernel.close(pipe.write);
    if (write >= 0) return { write, read: pipe.read };
    kernel.close(pipe.read);
    return write;
  };
  const pipeOf = (name: string): InputPipe | number => {
    const known = pipes.get(name);
    if (known !== undefined && known.write >= 0) return known;
    drop(name);
    const left = deposited(name) ?? held(name);
    const pipe = left ?? made();
    if (typeof pipe === "number") {
      warn(
        name,
        `Cannot make a pipe to service "${name}": ${errnoText(pipe)} (${errnoName(pipe)}); it gets no lines of others`,
      );
      return pipe;
    }
    pipes.set(name, pipe);
    keeper?.deposit(depositOf(name), [pipe.write, pipe.read]);
    return pipe;
  };
  const drop = (name: string): void => {
    const pipe = pipes.get(name);
    if (pipe === undefined) return;
    if (pipe.write >= 0) {
      kernel.close(pipe.write);
      keeper?.withdraw(depositOf(name));
    }
    kernel.close(pipe.read);
    pipes.delete(name);
  };
  const unread = (name: string): number => {
    const pipe = pipes.get(name);
    return pipe === undefined ? 0 : Math.max(0, kernel.readable(pipe.read));
  };

  return {
    writeEnd: (name) => {
      const pipe = pipeOf(name);
      return typeof pipe === "number"
        ? pipe
        : kernel.open(`/proc/self/fd/${pipe.write}`, O_WRONLY | O_NONBLOCK, 0);
    },
    forRun: ({ name, readsLogs }) => {
      if (!readsLogs) return null;
      const pipe = pipeOf(name);
      // A description of its own: one run that makes it non-blocking must not do so to the next.
      return typeof pipe === "number"
        ? pipe
        : kernel.open(`/proc/self/fd/${pipe.read}`, O_RDONLY, 0);
    },
    end: (name) => {
      const pipe = pipes.get(name);
      if (pipe === undefined || pipe.write < 0) return;
      kernel.close(pipe.write);
      pipe.write = -1;
      keeper?.withdraw(depositOf(name));
    },
    unread,
    tellUnread: () => {
      for (const name of pipes.keys()) {
        const bytes = unread(name);
        if (bytes > 0)
          warn(
            name,
            `Service "${name}" ended with ${bytes} bytes of the lines of others unread; they are lost`,
          );
      }
    },
    keepOnly: (specs) => {
      if (pipes.size === 0) return;
      const readers = new Set(specs.filter(({ readsLogs }) => readsLogs).map(({ name }) => name));
      for (const name of pipes.keys()) if (!readers.has(name)) drop(name);
    },
    close: () => {
      for (const { write, read } of pipes.values()) {
        if (write >= 0) kernel.close(write);
        kernel.close(read);
      }
      pipes.clear();
    },
  };
}
