import { mapFact } from "./fact.js";
import type { Fact } from "./fact.js";
import { numberField, parseStatusFields } from "./status-fields.js";
import type { ProcessView } from "./view.js";

/** Processor time so far, and how the process is scheduled (sched(7)). */
export interface CpuFacts {
  readonly userMs: number;
  readonly systemMs: number;
  /** Of children that have ended and were waited for. */
  readonly childrenUserMs: number;
  readonly childrenSystemMs: number;
  /** "other", "fifo", "rr", "batch", "idle", "deadline", "ext", else its number. */
  readonly policy: string;
  /** 0: no real-time process. */
  readonly realtimePriority: number;
  readonly nice: number;
  /** The processor it ran on last. */
  readonly lastCpu: number;
  /** As the kernel lists them: "0-3,8". Empty: not told. */
  readonly allowedCpus: string;
  /** Context switches of the main thread: it waited for something, or its time was up. */
  readonly voluntarySwitches: number | null;
  readonly involuntarySwitches: number | null;
  /** Page faults without and with reading from a disk. */
  readonly minorFaults: number;
  readonly majorFaults: number;
}

/** What it has read and written (proc_pid_io(5)). Needs the right to trace the process. */
export interface IoFacts {
  /** By read(2) and its like, from anything. */
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly readCalls: number;
  readonly writeCalls: number;
  /** What really went to and from a disk. */
  readonly diskReadBytes: number;
  readonly diskWrittenBytes: number;
  /** Written, then thrown away before it went to the disk. */
  readonly cancelledBytes: number;
}

const TICK_MS = 10;
/** SCHED_* of linux/sched.h, in order of their numbers; 4 was never used. */
const POLICIES = ["other", "fifo", "rr", "batch", "", "idle", "deadline", "ext"];

export function readCpu(view: ProcessView): Fact<CpuFacts> {
  const { field } = view;
  return mapFact(view.status(), (fields) => ({
    userMs: field(14) * TICK_MS,
    systemMs: field(15) * TICK_MS,
    childrenUserMs: field(16) * TICK_MS,
    childrenSystemMs: field(17) * TICK_MS,
    policy: POLICIES[field(41)] ?? String(field(41)),
    realtimePriority: field(40),
    nice: field(19),
    lastCpu: field(39),
    allowedCpus: fields.get("Cpus_allowed_list") ?? "",
    voluntarySwitches: numberField(fields, "voluntary_ctxt_switches"),
    involuntarySwitches: numberField(fields, "nonvoluntary_ctxt_switches"),
    minorFaults: field(10),
    majorFaults: field(12),
  }));
}

export function readIo(view: ProcessView): Fact<IoFacts> {
  return mapFact(view.text("io"), (text) => {
    const fields = parseStatusFields(text);
    const number = (key: string): number => numberField(fields, key) ?? 0;
    return {
      readBytes: number("rchar"),
      writtenBytes: number("wchar"),
      readCalls: number("syscr"),
      writeCalls: number("syscw"),
      diskReadBytes: number("read_bytes"),
      diskWrittenBytes: number("write_bytes"),
      cancelledBytes: number("cancelled_write_bytes"),
    };
  });
}
