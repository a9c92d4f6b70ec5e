import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { capabilityNumber, createKernel, pollEvents } from "@supervise/sys";
import type { EndedChild, SpawnRequest } from "@supervise/sys";

/** One kernel for all tests of a file. SUPERVISE_SYS_ADDON names another build of the addon, such as the one with sanitizers. */
export const kernel = createKernel(process.env["SUPERVISE_SYS_ADDON"]);

export const isRoot = process.getuid?.() === 0;
const effective = BigInt(
  `0x${/CapEff:\s*(\w+)/.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0"}`,
);

export function hasCapability(number: number): boolean {
  return ((effective >> BigInt(number)) & 1n) === 1n;
}

/** Why a test that needs this capability is skipped, or false. */
export function needs(name: string): string | false {
  return hasCapability(capabilityNumber(name) ?? 64) ? false : `needs ${name}`;
}

export const needsRoot: string | false = isRoot ? false : "needs root";

/** A request for a shell script with a plain environment, and nothing open but what `more` says. */
export function shell(script: string, more: Partial<SpawnRequest> = {}): SpawnRequest {
  return {
    files: ["/bin/sh"],
    argv: ["sh", "-c", script],
    env: ["PATH=/usr/bin:/bin"],
    descriptors: [],
    session: "new",
    ...more,
  };
}

export function spawnOrFail(request: SpawnRequest): number {
  const result = kernel.spawn(request);
  assert.ok("pid" in result, JSON.stringify(result));
  return result.pid;
}

/** Resolves once `fd` is ready; the watch is gone then. */
export function ready(fd: number, events: number = pollEvents.input): Promise<number> {
  return new Promise((resolve, reject) => {
    const poller = kernel.createPoller((pairs) => {
      poller.close();
      resolve(pairs[1] as number);
    });
    const result = poller.add(fd, 1, events);
    if (result === 0) return;
    poller.close();
    reject(new Error(`cannot watch descriptor ${fd}: ${result}`));
  });
}

/** Resolves when the process is a zombie or gone, without collecting it. */
export async function ended(pid: number): Promise<void> {
  const pidfd = kernel.pidfdOpen(pid);
  assert.ok(pidfd >= 0, `pidfd of ${pid}: ${pidfd}`);
  await ready(pidfd);
  kernel.close(pidfd);
}

export async function collected(pid: number): Promise<EndedChild> {
  await ended(pid);
  const child = kernel.reap((other) => other !== pid).find((each) => each.pid === pid);
  assert.ok(child !== undefined, `${pid} was not reaped`);
  return child;
}

/** All bytes until the end of file; closes `fd`. */
export async function readToEnd(fd: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const chunk = new Uint8Array(65536);
  for (;;) {
    const count = kernel.read(fd, chunk, 0, chunk.length);
    if (count === -11) await ready(fd);
    else if (count > 0) chunks.push(Buffer.from(chunk.subarray(0, count)));
    else break;
  }
  kernel.close(fd);
  return Buffer.concat(chunks);
}

export function pipe(sizeBytes?: number): { read: number; write: number } {
  const made = kernel.pipe(sizeBytes);
  assert.ok(typeof made === "object", `no pipe: ${JSON.stringify(made)}`);
  return made;
}

/** Runs a request with its standard output in a pipe: what it wrote, and how it ended. */
export async function output(
  request: SpawnRequest,
): Promise<{ bytes: Buffer; text: string; child: EndedChild }> {
  const { read, write } = pipe();
  const descriptors = [...request.descriptors];
  while (descriptors.length < 2) descriptors.push(-1);
  descriptors[1] = write;
  const pid = spawnOrFail({ ...request, descriptors });
  kernel.close(write);
  const bytes = await readToEnd(read);
  return { bytes, text: bytes.toString(), child: await collected(pid) };
}

/** What a child with these attributes sees in one of its /proc files. */
export async function procOf(file: string, more: Partial<SpawnRequest>): Promise<string> {
  const cat = { files: ["/bin/cat"], argv: ["cat", `/proc/self/${file}`] };
  return (await output(shell("", { ...cat, ...more }))).text;
}

/** The value of one line of /proc/PID/status. */
export function statusLine(status: string, key: string): string {
  const line = status.split("\n").find((each) => each.startsWith(`${key}:`));
  assert.ok(line !== undefined, `no ${key} in ${status}`);
  return line.slice(key.length + 1).trim();
}

/** Fields of /proc/PID/stat by their number in proc(5), from 3. */
export function statFields(stat: string): readonly number[] {
  return [
    0,
    0,
    0,
    ...stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number),
  ];
}

export function ownDescriptors(): readonly string[] {
  return readdirSync("/proc/self/fd").slice(0, -1);
}

export function ownChildren(): string {
  return readdirSync("/proc/self/task")
    .map((thread) => readFileSync(`/proc/self/task/${thread}/children`, "latin1"))
    .join("")
    .trim();
}
