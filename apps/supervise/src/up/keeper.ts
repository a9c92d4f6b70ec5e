import { writeSync } from "node:fs";
import type { Configuration } from "@supervise/model";
import { openKeeper, PROTOCOL_VERSION, readDepositedFile, type Keeper } from "@supervise/process";
import type { Kernel } from "@supervise/sys";
import { CommandError } from "../verb.js";

/** Names the descriptor of the socket to the keeper above us (docs/keeper.md). Taken out of the environment before any service sees it. */
export const KEEPER_VARIABLE = "SUPERVISE_KEEPER";

/** The keeper, and what it kept for us. */
export interface KeptWork {
  readonly keeper: Keeper;
  /** The environment that the keeper got, entry by entry, as bytes; null: it was not told. */
  readonly environment: readonly Uint8Array[] | null;
  /** What the supervisor before had applied; null: there was none, or it was another version. */
  readonly applied: AppliedConfiguration | null;
}

export interface AppliedConfiguration {
  readonly configuration: Configuration;
  /** Number of the configuration, from 1. */
  readonly generation: number;
  /** Services that were about to be restarted for it. */
  readonly restart: readonly string[];
}

/** Null: there is no keeper above us. Throws a `CommandError` where the variable names something else. */
export async function keptWork(
  kernel: Kernel,
  environment: NodeJS.ProcessEnv,
  version: string,
): Promise<KeptWork | null> {
  const named = environment[KEEPER_VARIABLE];
  if (named === undefined) return null;
  delete process.env[KEEPER_VARIABLE];
  const fd = Number(named);
  if (!Number.isInteger(fd) || fd < 3)
    throw new CommandError(`cannot use ${KEEPER_VARIABLE}="${named}": it must name a descriptor`);
  const keeper = await openKeeper(kernel, fd).catch((error: Error) => {
    throw new CommandError(error.message, { cause: error });
  });
  if (keeper.hello.version !== PROTOCOL_VERSION)
    throw new CommandError(
      `cannot talk to the keeper: it speaks version ${keeper.hello.version} of the protocol, and this is version ${PROTOCOL_VERSION}`,
    );
  const entries = deposited(kernel, keeper, "environment");
  return {
    keeper,
    environment: entries === null ? null : splitAtNul(entries),
    applied: readApplied(deposited(kernel, keeper, "configuration"), version),
  };
}

/** The environment as Node would show it. */
export function decodeEnvironment(entries: readonly Uint8Array[]): NodeJS.ProcessEnv {
  const decoded: NodeJS.ProcessEnv = {};
  for (const entry of entries) {
    const text = Buffer.from(entry).toString();
    const end = text.indexOf("=");
    if (end > 0) decoded[text.slice(0, end)] ??= text.slice(end + 1);
  }
  return decoded;
}

/** Deposits what was applied, for the next supervisor. */
export function depositConfiguration(
  kernel: Kernel,
  keeper: Keeper,
  applied: AppliedConfiguration,
  version: string,
): void {
  const fd = kernel.memoryFile("supervise-configuration");
  if (fd < 0) return;
  try {
    writeSync(fd, JSON.stringify({ version, ...applied }));
    keeper.deposit("configuration", [fd]);
  } finally {
    kernel.close(fd);
  }
}

/** The bytes of a memory file that was deposited; null: there is none of that name. */
function deposited(kernel: Kernel, keeper: Keeper, name: string): Buffer | null {
  const descriptors = keeper.take(name);
  const [fd] = descriptors ?? [];
  if (fd === undefined) return null;
  const bytes = readDepositedFile(fd);
  for (const each of descriptors ?? []) kernel.close(each);
  return bytes;
}

function splitAtNul(bytes: Buffer): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(0, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) entries.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return entries;
}

function readApplied(bytes: Buffer | null, version: string): AppliedConfiguration | null {
  if (bytes === null) return null;
  try {
    const value = JSON.parse(bytes.toString()) as AppliedConfiguration & { version: string };
    return value.version === version &&
      Array.isArray(value.configuration.services) &&
      Array.isArray(value.restart)
      ? value
      : null;
  } catch {
    // Cut off by a death while it was written: the files have it.
    return null;
  }
}
