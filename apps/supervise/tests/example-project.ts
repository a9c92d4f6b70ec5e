import { chmodSync, cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { connect, createServer, type ListenOptions } from "node:net";
import { dirname, join } from "node:path";
import type { ServiceStatus } from "@supervise/model";
import { until, waitForExit } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { COMMAND, commandLine, environmentOf, finish, identity, project } from "./harness.js";
import type { Finished, Project } from "./harness.js";

/** The top of the checkout. */
export const ROOT: string = dirname(dirname(dirname(dirname(COMMAND))));

/** Real daemons on a loaded machine, in milliseconds. */
export const PATIENCE_MS = 60_000;

export type Values = Readonly<Record<string, string | number>>;

/** A project that holds a copy of an example; what its `.env` sets comes from `values` alone, where they name it. */
export function exampleProject(
  t: TestScope,
  name: string,
  values: (directory: string) => Values,
): Project {
  const it = project(t);
  // Services that run as another user have to reach their files.
  chmodSync(it.directory, 0o755);
  cpSync(join(ROOT, "examples", name), it.directory, { recursive: true });
  const chosen = values(it.directory);
  const file = join(it.directory, ".env");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const kept = lines.filter((line) => chosen[line.split("=", 1)[0] ?? ""] === undefined);
  writeFileSync(
    file,
    [...kept, ...Object.entries(chosen).map(([key, value]) => `${key}=${value}`), ""].join("\n"),
  );
  // The environment would win over the file.
  for (const key of Object.keys(chosen)) delete it.environment[key];
  return it;
}

/** Of the ports below those that the kernel gives to clients, so that none of these takes one meanwhile. */
const FIRST_PORT = 20_000;
const BLOCKS = 39;
const BLOCK_PORTS = 300;

/** Ports that are this process' as long as it lives, of which so many were handed out. */
let block: { readonly first: number; used: number } | undefined;

/** The first of `count` neighbouring ports, at most 300, that nobody has, and that no other process is given while this one lives. */
export async function freePorts(count: number): Promise<number> {
  block ??= { first: await takeBlock(), used: 0 };
  for (let tries = 0; tries < BLOCK_PORTS; tries += 1) {
    if (block.used + count > BLOCK_PORTS) block.used = 0;
    const first = block.first + block.used;
    block.used += count;
    const free = await Promise.all(
      Array.from({ length: count }, (_, index) => isFree(first + index)),
    );
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} ports from ${block.first} on are free`);
}

/** Each block has a name that only one process can have: between the look at a port and its use it is nobody else's. */
async function takeBlock(): Promise<number> {
  const begin = Math.floor(Math.random() * BLOCKS);
  for (let at = begin; at < begin + BLOCKS; at += 1) {
    const name = `\0supervise-test-ports-${at % BLOCKS}`;
    if (await isOurs({ path: name })) return FIRST_PORT + (at % BLOCKS) * BLOCK_PORTS;
  }
  throw new Error("every block of ports is taken");
}

/** Takes the address until this process ends, if nobody has it. */
function isOurs(address: ListenOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once("error", () => resolve(false));
    server.listen(address, () => resolve(true));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Which of these ports somebody listens on, by /proc/net/tcp and tcp6. */
export function listeningPorts(ports: readonly number[]): number[] {
  const listening = ["/proc/net/tcp", "/proc/net/tcp6"]
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, "utf8").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A")
    .map((fields) => Number.parseInt(fields[1]?.split(":")[1] ?? "0", 16));
  return ports.filter((port) => listening.includes(port));
}

/** Live processes that have the directory in their command line or environment: "PID COMMAND". */
export function processesNaming(directory: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) =>
        pid !== process.pid &&
        (commandLine(pid).includes(directory) ||
          environmentOf(pid).some((entry) => entry.includes(directory))),
    )
    .map((pid) => `${pid} ${commandLine(pid)}`);
}

/** `supervise VERB ...` to its end, however long real daemons take. */
export async function runPatiently(it: Project, ...words: readonly string[]): Promise<Finished> {
  const started = it.begin(words);
  await waitForExit(started.child, { deadlineMs: PATIENCE_MS });
  return finish(started);
}

/** What `status` tells of each service, by name. */
export async function statuses(it: Project): Promise<ReadonlyMap<string, ServiceStatus>> {
  return new Map((await it.client.services([])).map((status) => [status.name, status]));
}

/** Waits until the condition holds for each of the services named. */
export async function untilServices(
  it: Project,
  names: readonly string[],
  what: string,
  is: (status: ServiceStatus) => boolean,
): Promise<void> {
  await until(
    async () => {
      const all = await statuses(it);
      return names.flatMap((name) => {
        const status = all.get(name);
        return status !== undefined && is(status)
          ? []
          : [`${name}: ${status?.state}: ${status?.reason}`];
      });
    },
    { is: (lacking) => lacking.length === 0, what, deadlineMs: PATIENCE_MS },
  );
}

/** Up, ready, and healthy where anybody asks for its health. */
export const serves = (status: ServiceStatus): boolean =>
  status.state === "up" &&
  status.ready &&
  (status.health === "none" || status.health === "healthy");

/** Main processes by number and start time. */
export async function identities(
  it: Project,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const all = await statuses(it);
  return Object.fromEntries(names.map((name) => [name, identity(all.get(name)?.pid ?? 0)]));
}

/** The body of the answer, which must be 200; over a connection of its own. */
export function httpGet(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (body += text));
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200
          ? resolve(body)
          : reject(new Error(`${url} answered ${response.statusCode}: ${body}`)),
      );
    });
    request.on("error", reject);
  });
}

/** Sends one line to a local port and resolves with the first line of the answer. */
export function askLine(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write(`${line}\r\n`));
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
      if (answer.includes("\r\n")) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer.split("\r\n", 1)[0] ?? ""));
  });
}
