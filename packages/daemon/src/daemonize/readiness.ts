import { mkdtempSync, chmodSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errnoName } from "@supervise/sys";
import type { Kernel } from "@supervise/sys";
import { DaemonError } from "../daemon-error.js";
import { statFields } from "../identity.js";
import { codeOf } from "../trusted-file.js";

/** How a daemon says that it can serve. "exec": not at all; that its program runs has to do. */
export type ReadyBy =
  | { readonly kind: "exec" }
  /** Neither, but what ends at once has not started: it has to live for a moment. */
  | { readonly kind: "settled" }
  /** READY=1 of sd_notify(3). */
  | { readonly kind: "notify" }
  /** A newline on its descriptor of this number. */
  | { readonly kind: "descriptor"; readonly fd: number };

/** `said` is what the daemon told of itself (STATUS=, ERRNO=), for the message where it fails. */
export type Heard =
  | { readonly kind: "nothing" }
  | { readonly kind: "ready" }
  /** The descriptor was closed without a newline. */
  | { readonly kind: "closed" };

/** Our side of the readiness. */
export interface ReadyChannel {
  /** To be watched for input. Null: nothing comes. */
  readonly fd: number | null;
  /** Without `fd`: how long it has to live to count as ready, in milliseconds. */
  readonly settleMs: number;
  /** The child's descriptor and ours that it gets; ours is to be closed after the spawn. */
  readonly passed: { readonly child: number; readonly ours: number } | null;
  /** "KEY=value" for the child. */
  readonly environment: readonly string[];
  /** Reads what is there. Only what comes from the daemon or its session counts. */
  hear(daemon: number): Heard;
  /** STATUS= or ERRNO= as the daemon said last; null: it did not. */
  status(): string | null;
  close(): void;
}

export type ReadinessCalls = Pick<
  Kernel,
  "pipe" | "read" | "receive" | "datagramSocket" | "close" | "unlink"
>;

const NOTHING: Heard = { kind: "nothing" };
/** A program that finds its configuration or its port wrong has ended by then; in milliseconds. */
export const SETTLE_MS = 250;
const MESSAGE_BYTES = 4_096;
const STATUS_CHARACTERS = 300;

export function openReadyChannel(kernel: ReadinessCalls, by: ReadyBy): ReadyChannel {
  switch (by.kind) {
    case "exec":
      return silent(0);
    case "settled":
      return silent(SETTLE_MS);
    case "descriptor":
      return openPipe(kernel, by.fd);
    case "notify":
      return openSocket(kernel);
  }
}

function silent(settleMs: number): ReadyChannel {
  return {
    fd: null,
    settleMs,
    passed: null,
    environment: [],
    hear: () => NOTHING,
    status: () => null,
    close: () => undefined,
  };
}

function openPipe(kernel: ReadinessCalls, child: number): ReadyChannel {
  const pipe = kernel.pipe();
  if (typeof pipe === "number")
    throw new DaemonError(`cannot make a pipe: ${errnoName(pipe)}`, errnoName(pipe));
  const bytes = new Uint8Array(MESSAGE_BYTES);
  return {
    fd: pipe.read,
    settleMs: 0,
    passed: { child, ours: pipe.write },
    environment: [],
    hear() {
      const count = kernel.read(pipe.read, bytes, 0, bytes.length);
      if (count === 0) return { kind: "closed" };
      return count > 0 && bytes.subarray(0, count).includes(10) ? { kind: "ready" } : NOTHING;
    },
    status: () => null,
    close: () => void kernel.close(pipe.read),
  };
}

/** Where a daemon of any user can reach it: root's own TMPDIR may be closed to others. */
function socketPlaces(): readonly string[] {
  return process.geteuid?.() === 0 ? ["/run", tmpdir()] : [tmpdir()];
}

/** Throws a {@link DaemonError} where no place can be written. */
function makeDirectory(): string {
  let code = "ENOENT";
  for (const place of socketPlaces()) {
    try {
      return mkdtempSync(join(place, "supervise-notify-"));
    } catch (error) {
      code = codeOf(error);
    }
  }
  throw new DaemonError(
    `cannot make a notify socket in "${socketPlaces().join('", "')}": ${code}`,
    code,
  );
}

/** In a directory of its own, which only its name in the daemon's environment tells. */
function openSocket(kernel: ReadinessCalls): ReadyChannel {
  const directory = makeDirectory();
  // The daemon may run as any user; who speaks is known by the kernel's word.
  chmodSync(directory, 0o711);
  const path = join(directory, "notify");
  const fd = kernel.datagramSocket(path, 0o666);
  if (fd < 0) {
    rmdirSync(directory);
    throw new DaemonError(`cannot make notify socket "${path}": ${errnoName(fd)}`, errnoName(fd));
  }
  let status: string | null = null;
  return {
    fd,
    settleMs: 0,
    passed: null,
    environment: [`NOTIFY_SOCKET=${path}`],
    hear(daemon) {
      for (;;) {
        const datagram = kernel.receive(fd, MESSAGE_BYTES);
        if (typeof datagram === "number") return NOTHING;
        for (const passed of datagram.descriptors) kernel.close(passed);
        if (!isOf(daemon, datagram.sender?.pid ?? 0)) continue;
        const lines = Buffer.from(datagram.data).toString().split("\n");
        status = lines.find((line) => /^(?:STATUS|ERRNO)=/.test(line)) ?? status;
        if (lines.includes("READY=1")) return { kind: "ready" };
      }
    },
    status: () =>
      status?.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, STATUS_CHARACTERS) ?? null,
    close() {
      kernel.close(fd);
      kernel.unlink(path);
      rmdirSync(directory);
    },
  };
}

/** The daemon, one of its session, or one that has ended already (systemd-notify is quick): it knew the name of a socket that was told to the daemon alone. */
function isOf(daemon: number, sender: number): boolean {
  if (sender === daemon) return true;
  const session = statFields(sender)?.session;
  return sender > 0 && (session === undefined || session === statFields(daemon)?.session);
}
