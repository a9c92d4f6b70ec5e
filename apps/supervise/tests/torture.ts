import {
  closeSync,
  cpSync,
  fstatSync,
  readSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { atEnd, fixture, isAlive, until } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";
import { pick, seeded, type Random } from "./crash-orders.js";
import { finish, gone, kill, project, type Project, type Services } from "./harness.js";
import { keep, type Kept } from "./keeper-harness.js";
import { lookAtLog, type Found } from "./torture-rows.js";

export interface TortureOptions {
  /** Of everything that is left to chance. */
  readonly seed: number;
  /** Deeds to do. */
  readonly deeds: number;
  /** Deaths of the supervisor among them; the keeper gives up over five in a minute. */
  readonly deaths: number;
  /** Bytes of a burst, and the longest pause behind it in microseconds. */
  readonly burst: number;
  readonly pauseMicros: number;
  /** Where the project's directory is copied to if there was a fault. */
  readonly keep?: string | undefined;
}

export interface TortureResult {
  readonly faults: readonly string[];
  readonly found: Readonly<Record<string, Found>>;
  readonly deeds: readonly string[];
  /** Why no disk was filled; null: it was. */
  readonly withoutFullDisk: string | null;
}

const names = ["one", "two", "small"] as const;
type Name = (typeof names)[number];
const diskMb = 96;
/** More of them, and the oldest of the files would be deleted. */
const mostLines = 500_000;
const slowDeadlineMs = 40_000;

interface Follower {
  readonly name: Name;
  readonly started: Started;
  /** The file of its output. */
  readonly path: string;
}

/** Services write numbered lines at full speed while all sorts of things are done to them, to their files, their readers and their supervisor. */
export async function torture(t: TestScope, options: TortureOptions): Promise<TortureResult> {
  const course = new Torture(t, options);
  return course.run();
}

class Torture {
  readonly #t: TestScope;
  readonly #options: TortureOptions;
  readonly #random: Random;
  readonly #it: Project;
  readonly #kept: Kept;
  readonly #done: string[] = [];
  readonly #faults: string[] = [];
  readonly #followers: { readonly name: Name; readonly started: Started; readonly path: string }[] =
    [];
  readonly #withoutFullDisk: string | null;

  constructor(t: TestScope, options: TortureOptions) {
    this.#t = t;
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#it = project(t);
    const { directory } = this.#it;
    for (const name of names) writeFileSync(this.#state(name), Buffer.alloc(4096));
    mkdirSync(join(directory, "small"));
    this.#withoutFullDisk = mountSmall(t, join(directory, "small"));
    this.#it.write(this.#services());
    this.#kept = keep(t, this.#it, {
      words: ["-q"],
      env: { ...this.#it.environment, FIXTURE_LIFE: "240" },
    });
  }

  async run(): Promise<TortureResult> {
    const { deeds, deaths } = this.#options;
    await this.#progress();
    this.#follow("one");
    this.#hang();
    const deadly = new Set<number>();
    while (deadly.size < deaths) deadly.add(Math.floor(this.#random() * deeds));
    for (let deed = 0; deed < deeds && this.#written() < mostLines; deed += 1) {
      await this.#do(deadly.has(deed) ? "die" : pick(this.#random, commonDeeds));
      await this.#progress();
    }
    await this.#end();
    const found = Object.fromEntries(
      names.map((name) => [name, lookAtLog(this.#log(name), this.#state(name))]),
    );
    for (const [name, { faults }] of Object.entries(found))
      this.#faults.push(...faults.map((fault) => `${name}: ${fault}`));
    const { keep: kept } = this.#options;
    if (this.#faults.length > 0 && kept !== undefined)
      cpSync(this.#it.directory, kept, {
        recursive: true,
        filter: (path) => !path.includes("/run/"),
      });
    return {
      faults: this.#faults,
      found,
      deeds: this.#done,
      withoutFullDisk: this.#withoutFullDisk,
    };
  }

  async #do(deed: Deed): Promise<void> {
    const name = pick(this.#random, names);
    this.#done.push(`${deed} ${name}`);
    switch (deed) {
      case "die":
        return this.#kept.crash(pick(this.#random, ["SIGKILL", "SIGSEGV", "SIGABRT"]));
      case "kill":
        return this.#kill(name);
      case "stop":
        return this.#stop(name);
      case "rotate":
        return this.#verb("logs", "--rotate", name);
      case "reload":
        this.#it.write(this.#services());
        return this.#verb("reload");
      case "follow":
        return this.#follow(pick(this.#random, ["one", "two"]));
      case "hang":
        return this.#hang();
      case "fill":
        return this.#fill();
      case "read":
        return this.#verb("logs", "-n", "50", ...names);
    }
  }

  #state(name: Name): string {
    return join(this.#it.directory, `${name}.state`);
  }

  #log(name: Name): string {
    return join(this.#it.directory, name === "small" ? "small" : "logs", `${name}.log`);
  }

  #services(): Services {
    const { burst, pauseMicros } = this.#options;
    const service = (name: Name, scale: number): Services[string] => ({
      command: [
        ...[fixture("write-tortured"), this.#state(name)],
        ...[String(Math.ceil(burst / scale)), String(pauseMicros)],
      ],
      restart: "always",
      restart_delay: "0s",
      logging: {
        driver: "file",
        options: {
          path: this.#log(name),
          "max-size": pick(this.#random, ["100k", "100k", "150k"]),
          "max-file": "1000",
          compress: pick(this.#random, ["true", "true", "false"]),
          format: pick(this.#random, ["plain", "plain", "json", "logfmt"]),
          timestamps: pick(this.#random, ["utc", "utc", "local", "tai64n", "none"]),
          mode: pick(this.#random, ["blocking", "blocking", "non-blocking"]),
        },
      },
    });
    return { one: service("one", 1), two: service("two", 2), small: service("small", 8) };
  }

  /** Waits until something more has been written. */
  async #progress(): Promise<void> {
    const before = this.#written();
    const more = Math.floor(this.#random() * 3000) + 1;
    await until(() => this.#written(), {
      is: (written) => written >= before + more,
      what: `${more} more lines`,
      deadlineMs: slowDeadlineMs,
    });
  }

  #written(): number {
    return names.reduce((sum, name) => {
      const [, , out, error] = this.#numbers(name);
      return sum + Number(out) + Number(error);
    }, 0);
  }

  #numbers(name: Name): BigUint64Array {
    return new BigUint64Array(new Uint8Array(readFileSync(this.#state(name))).buffer, 0, 5);
  }

  /** Asks again where a supervisor died of something else in between. */
  async #verb(...words: string[]): Promise<void> {
    const { code, stderr } = await this.#it.run(...words);
    if (code !== 0) this.#faults.push(`${words.join(" ")} ended with ${code}: ${stderr}`);
  }

  async #pid(name: Name): Promise<number> {
    return until(async () => (await this.#it.client.service(name)).pid ?? undefined, {
      what: `a process of ${name}`,
    });
  }

  async #kill(name: Name): Promise<void> {
    const pid = await this.#pid(name);
    kill(pid, "SIGKILL");
    await gone(pid);
  }

  async #stop(name: Name): Promise<void> {
    const pid = await this.#pid(name);
    kill(pid, "SIGSTOP");
    await this.#progress();
    kill(pid, "SIGCONT");
  }

  /** One that reads, stops reading for a while, and must have everything in the end. */
  #follow(name: Name): void {
    const hanging = this.#followers.find(
      ({ started }) => isAlive(started.pid) && this.#random() < 0.5,
    );
    if (hanging !== undefined) kill(hanging.started.pid, "SIGSTOP");
    if (this.#followers.length >= 3) return;
    const path = join(this.#it.directory, `followed-${this.#followers.length}`);
    const words = ["logs", "-f", "-n", "10", "--json", name];
    const started = this.#it.begin(words, {
      through: ["sh", "-c", `exec "$@" > ${path}`, "sh"],
    });
    this.#followers.push({ name, started, path });
  }

  /** A client that asks for all lines and never reads one. */
  #hang(): void {
    const socket = connect(join(this.#it.runtimeDirectory, "control"));
    socket.on("error", () => undefined).pause();
    socket.write("GET /v1/logs?follow=true HTTP/1.1\r\nHost: x\r\n\r\n");
    atEnd(this.#t, () => void socket.destroy());
  }

  async #fill(): Promise<void> {
    if (this.#withoutFullDisk !== null) return;
    const filler = join(this.#it.directory, "small/filler");
    fillDisk(filler);
    await this.#progress();
    await this.#progress();
    rmSync(filler);
  }

  async #end(): Promise<void> {
    for (const name of names) this.#ask(name);
    await until(() => names.map((name) => Number(this.#numbers(name)[4])), {
      is: (asked) => asked.every((one) => one === 2),
      what: "the services to have written everything",
      deadlineMs: slowDeadlineMs,
    });
    for (const follower of this.#followers) await this.#caughtUp(follower);
    const { code, stderr } = await this.#kept.end();
    if (code !== 0) this.#faults.push(`the init ended with ${code}: ${stderr.slice(-500)}`);
    for (const { name, started, path } of this.#followers) {
      // One that was stopped while its supervisor died may have found none since, and waits for another.
      kill(started.pid, "SIGTERM");
      const { stderr: told } = await finish(started);
      this.#lookAtFollowed(name, path, told);
    }
    for (const name of names) {
      const { code: proof, stdout, stderr: said } = await this.#it.run("logs", "--verify", name);
      if (proof !== 0) this.#faults.push(`--verify ${name}: ${stdout}${said}`);
    }
  }

  /** Waits until the follower has the last line that the service wrote. */
  async #caughtUp({ name, started, path }: Follower): Promise<void> {
    kill(started.pid, "SIGCONT");
    const [, , out, err] = this.#numbers(name);
    // One that began at the very end has seen no more than the last lines, which may be of one stream alone.
    const last = new RegExp(`"text":"(1 ${out}|2 ${err}) `);
    try {
      await until(() => last.test(endOf(path)), {
        what: `the last line of ${name} (${last.source}) in ${path}`,
        deadlineMs: slowDeadlineMs,
      });
    } catch (error) {
      this.#faults.push(`a follower of ${name} has not everything: ${String(error)}`);
    }
  }

  #ask(name: Name): void {
    const fd = openSync(this.#state(name), "r+");
    writeSync(fd, new Uint8Array(new BigUint64Array([1n]).buffer), 0, 8, 32);
    closeSync(fd);
  }

  #lookAtFollowed(name: Name, path: string, told: string): void {
    const rows = readFileSync(path, "utf8").split("\n").filter(Boolean);
    let last = 0;
    for (const row of rows) {
      const { seq, lines = 1 } = JSON.parse(row) as { seq: number | null; lines?: number };
      if (seq === null) continue;
      if (last > 0 && seq !== last + 1) {
        this.#faults.push(`a follower of ${name} got ${seq} after ${last}: ${told}`);
        break;
      }
      last = seq + lines - 1;
    }
    this.#done.push(`${rows.length} rows followed`);
  }
}

/** The last 4 MB of a file. */
function endOf(path: string): string {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, 4_000_000));
    return bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(fd);
  }
}

const commonDeeds = ["kill", "stop", "rotate", "reload", "follow", "hang", "fill", "read"] as const;
type Deed = (typeof commonDeeds)[number] | "die";

/** Null: a small file system of its own is mounted there until the end. */
function mountSmall(t: TestScope, directory: string): string | null {
  const words = ["-t", "tmpfs", "-o", `size=${diskMb}m`, "tmpfs", directory];
  const { status, stderr } = spawnSync("mount", words, { encoding: "utf8" });
  if (status !== 0) return `no file system of its own can be mounted: ${stderr.trim()}`;
  atEnd(t, () => void spawnSync("umount", [directory]));
  return null;
}

/** Takes every byte that is left. */
function fillDisk(path: string): void {
  const fd = openSync(path, "w");
  try {
    for (let size = 1 << 20; size >= 1;) {
      try {
        if (writeSync(fd, Buffer.alloc(size)) < size) size >>= 1;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        size >>= 1;
      }
    }
  } finally {
    closeSync(fd);
  }
}
