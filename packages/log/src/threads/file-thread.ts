/**
 * The thread that writes log files which may hang, one job at a time. It holds nothing that must outlive it: each reply tells what another thread would have to know.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

import type { WriterOwner } from "../file-owner.js";
import { FileRows } from "../file-rows.js";
import { FileWriter } from "../file-writer.js";
import { lastNumber } from "../last-number.js";
import { errnoOf, type LogKernel } from "../problem.js";
import type { FileJob, FileReply, FileStep, FileThreadData } from "./file-job.js";

const { done, port } = workerData as FileThreadData;
const files = new Map<string, FileWriter>();
let problems: string[] = [];
let rotated = false;

/** System calls that may take any time: what is no file blocks, as here nobody else waits. */
const kernel: Pick<LogKernel, "open" | "write" | "close"> = {
  open: (path, flags, mode) =>
    result(() => {
      const fd = openSync(path, flags, mode);
      if (fstatSync(fd).isFile()) return fd;
      try {
        return openSync(
          `/proc/self/fd/${fd}`,
          constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY,
        );
      } finally {
        closeSync(fd);
      }
    }),
  write: (fd, bytes, offset, length) => result(() => writeSync(fd, bytes, offset, length)),
  close: (fd) =>
    result(() => {
      closeSync(fd);
      return 0;
    }),
};

const owner: WriterOwner = {
  kernel,
  rows: new FileRows(),
  limited: false,
  clock: () => Date.now() * 1000,
  problem: ({ message }) => problems.push(message),
  lost: () => {},
  rotated: () => {
    rotated = true;
  },
};

port.on("message", (job: FileJob) => {
  const began = performance.now();
  const file = files.get(job.path) ?? new FileWriter(job.path, owner);
  files.set(job.path, file);
  let last = 0;
  for (const step of job.steps) last = carryOut(file, step) ?? last;
  const reply: FileReply = {
    number: job.number,
    tookMs: performance.now() - began,
    result: last,
    mark: file.markNow,
    state: file.state,
    problems,
    rotated,
  };
  problems = [];
  rotated = false;
  port.postMessage(reply);
  Atomics.store(done, 0, job.number);
  Atomics.notify(done, 0);
});

function carryOut(file: FileWriter, step: FileStep): number | undefined | void {
  switch (step.kind) {
    case "begin":
      if (step.state !== null) file.resume(step.state);
      return;
    case "settings":
      file.style = step.style;
      file.setRotation(step.rotation);
      return;
    case "rows":
      file.writeRows(step.rows);
      return;
    case "mark":
      file.writeMark(Buffer.from(step.row));
      return;
    case "lost":
      file.addLost(step.service, step.first, step.lines, step.cause);
      file.settle();
      return;
    case "leaveOut":
      file.leaveOut(step.since);
      return;
    case "look":
      file.mark();
      return;
    case "rotate":
      return file.rotateNow();
    case "lastNumber":
      return lastNumber(file.path, step.service, step.whole);
    case "close":
      if (step.quietly) file.leave();
      else file.close();
      files.delete(file.path);
  }
}

/** As the kernel has it: what it returned, or a negative errno. */
function result(call: () => number): number {
  try {
    return call();
  } catch (thrown) {
    return errnoOf(thrown);
  }
}
