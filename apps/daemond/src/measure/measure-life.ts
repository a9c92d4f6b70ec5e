import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, watch, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Kernel } from "@supervise/daemon";

/** What one life of the daemon took, in milliseconds. */
export interface LifeFigures {
  /** Between the first row of its log and the one that it listens, by the daemon's CLOCK_MONOTONIC. */
  readonly listeningMs: number;
  /** From connect(2) to the end of the answer and of the connection, by the client. */
  readonly cyclesMs: readonly number[];
  /** From kill(2) to the row that it has reloaded, by CLOCK_REALTIME of both. */
  readonly reloadsMs: readonly number[];
  /** What the daemon's last row tells: from the signal's arrival until all is closed. */
  readonly shutDownMs: number;
  /** From kill(2) to the daemon's last row, which `_exit(2)` follows, by CLOCK_REALTIME of both. */
  readonly lastRowMs: number;
  /** From kill(2) to the exit as its parent sees it: with the signal's way in, and the kernel's taking back of memory and threads. */
  readonly exitMs: number;
  /** The same of a Node that does nothing and is killed by SIGKILL: what is the kernel's part alone. */
  readonly idleExitMs: number;
}

const CYCLES = 50;
const RELOADS = 5;
/** Only what hangs meets it. */
const DEADLINE_MS = 20_000;

/** Starts a daemon in this directory, leads it through its life and ends it. Throws where that does not go as it should. */
export async function measureLife(
  directory: string,
  kernel: Pick<Kernel, "realtimeMicros">,
): Promise<LifeFigures> {
  const log = join(directory, "daemond.log");
  const conf = join(directory, "daemon.conf");
  writeFileSync(conf, `port = 0\npid_file = ${directory}/daemond.pid\nlog = ${log}\n`);
  writeFileSync(log, "");
  const program = process.argv[1] ?? "";
  const child = spawn(process.execPath, [program, "--config", conf, "--foreground"], {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: DEADLINE_MS,
  });
  const ended = once(child, "exit").then(([code]) => ({
    code: Number(code),
    at: performance.now(),
  }));
  const rows = followLog(log, ended);
  try {
    await rows.match(/ ready: /, 1);
    const text = rows.text();
    const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
    const cyclesMs: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle += 1) cyclesMs.push(await requestOnce(port));
    const reloadsMs: number[] = [];
    for (let reload = 1; reload <= RELOADS; reload += 1) {
      const killedMicros = kernel.realtimeMicros();
      child.kill("SIGHUP");
      const row = await rows.match(/^.* reloaded /m, reload);
      reloadsMs.push((realtimeMicrosOf(row) - killedMicros) / 1000);
    }
    const killedMicros = kernel.realtimeMicros();
    const killedMs = performance.now();
    child.kill("SIGTERM");
    const { code, at } = await ended;
    if (code !== 0) throw new Error(`cannot measure: the daemon ended with exit code ${code}`);
    const [lastRow = "", shutDownMs] = /^.* shut down in ([\d.]+) ms/m.exec(rows.text()) ?? [];
    return {
      listeningMs: listeningMs(text),
      cyclesMs,
      reloadsMs,
      shutDownMs: Number(shutDownMs),
      lastRowMs: (realtimeMicrosOf(lastRow) - killedMicros) / 1000,
      exitMs: at - killedMs,
      idleExitMs: await killIdleNode(),
    };
  } finally {
    rows.close();
    child.kill("SIGKILL");
    await ended;
  }
}

async function killIdleNode(): Promise<number> {
  const program = 'process.stdout.write("ready"); setInterval(() => undefined, 60_000);';
  const child = spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: DEADLINE_MS,
  });
  const ended = once(child, "exit").then(() => performance.now());
  await once(child.stdout, "data");
  const killedMs = performance.now();
  child.kill("SIGKILL");
  return (await ended) - killedMs;
}

/** Connects, asks, reads to the end. */
async function requestOnce(port: number): Promise<number> {
  const beganMs = performance.now();
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  let answer = "";
  socket.on("data", (bytes: Buffer) => (answer += bytes.toString("latin1")));
  socket.write("GET /status HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
  await once(socket, "close");
  if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error("cannot measure: GET /status failed");
  return performance.now() - beganMs;
}

interface Rows {
  text(): string;
  /** Settles with the match of that number, from 1, once it is there. */
  match(pattern: RegExp, number: number): Promise<string>;
  close(): void;
}

/** By inotify; rejects where the daemon ends first. */
function followLog(path: string, ended: Promise<{ readonly code: number }>): Rows {
  let onChange = (): void => undefined;
  const watcher = watch(path, () => onChange());
  const text = (): string => readFileSync(path, "utf8");
  return {
    text,
    match: (pattern, number) =>
      new Promise((resolve, reject) => {
        onChange = () => {
          const found = [...text().matchAll(new RegExp(pattern, `${pattern.flags}g`))][number - 1];
          if (found !== undefined) resolve(found[0]);
        };
        onChange();
        void ended.then(({ code }) =>
          reject(new Error(`cannot measure: the daemon ended with exit code ${code}`)),
        );
      }),
    close: () => watcher.close(),
  };
}

/** Between the first two rows that tell of the start and of the listening. */
function listeningMs(text: string): number {
  const nanosOf = (words: string): bigint => {
    const row = text.split("\n").find((line) => line.includes(words)) ?? "";
    const [, seconds = "0", nanos = "0"] = /monotonic (\d+)\.(\d{9})/.exec(row) ?? [];
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  };
  return Number(nanosOf("]: listening on ") - nanosOf("]: started as ")) / 1e6;
}

function realtimeMicrosOf(row: string): number {
  const [, whole = "", micros = "0"] = /^(\S+)\.(\d{6})Z/.exec(row) ?? [];
  return Date.parse(`${whole}Z`) * 1000 + Number(micros);
}
