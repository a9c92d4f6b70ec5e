import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, start, until } from "@supervise/testkit";
import type { Started, TestScope } from "@supervise/testkit";
import { aloneServices, ALONE_STEADY, ALONE_WRITERS } from "./crash-alone-services.js";
import { livingAmong } from "./crash-kernel.js";
import { NumberedLines, readLogs } from "./crash-lines.js";
import { drawOrder, Orders, seeded, type Order, type Random } from "./crash-orders.js";
import { commandLine, kill, project, type Project } from "./harness.js";

const MORTAL = join(dirname(fileURLToPath(import.meta.url)), "programs/mortal-supervisor.js");
const DEADLINE_MS = 30_000;

/** What goes on when the supervisor is killed: "begin" is its start, which is an adoption for all but the first. */
export const ALONE_MOMENTS = [
  "begin",
  "run",
  "stop",
  "start",
  "restart",
  "reload",
  "down",
] as const;
export type AloneMoment = (typeof ALONE_MOMENTS)[number];

export interface AloneOptions {
  readonly seed: number;
  /** One death each. */
  readonly moments: readonly AloneMoment[];
}

export interface AloneResult {
  readonly faults: readonly string[];
  /** Numbered lines in the log files. */
  readonly lines: number;
  /** Of the deaths, those of supervisors in the background. */
  readonly detached: number;
  /** Of the deaths, those at a place in the code, not at a moment of the killer's. */
  readonly placed: number;
}

/** A busy project whose supervisor has nobody above it: it is killed again and again, and somebody starts `up` anew each time, in the foreground or in the background. */
export async function runAlone(t: TestScope, options: AloneOptions): Promise<AloneResult> {
  const course = new AloneCourse(t, options);
  await course.run();
  return course.result();
}

class AloneCourse {
  readonly #t: TestScope;
  readonly #options: AloneOptions;
  readonly #random: Random;
  readonly #it: Project;
  readonly #orders: Orders;
  readonly #faults: string[] = [];
  /** Deaths in a start. */
  readonly #begins: number;
  #version = 0;
  #lines = 0;
  #detached = 0;
  #placed = 0;
  /** Null: not known yet. */
  #steady: string | null = null;
  /** So often a stop of everything was begun. */
  #downs = 0;
  #excused = 0;
  #life: Started | null = null;

  constructor(t: TestScope, options: AloneOptions) {
    this.#t = t;
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#begins = options.moments.filter((moment) => moment === "begin").length;
    this.#it = project(t, aloneServices(0));
    this.#orders = new Orders(join(this.#it.directory, "orders"));
  }

  result(): AloneResult {
    return {
      faults: this.#faults,
      lines: this.#lines,
      detached: this.#detached,
      placed: this.#placed,
    };
  }

  async run(): Promise<void> {
    let doing = "the start";
    try {
      for (const [index, moment] of this.#options.moments.entries()) {
        doing = `death ${index + 1} at ${moment}`;
        await this.#die(moment);
        this.#look(`after ${doing}`);
      }
      doing = "the end";
      this.#orders.give();
      this.#launch(false);
      await this.#settle("the last start");
      const { code, stderr } = await this.#it.run("down");
      if (code !== 0) this.#fault(`down ended with ${code}: ${stderr}`);
      // It has given its lock back, and only its own end is left.
      await until(() => this.#supervisor() === undefined, { what: "the end of the supervisor" });
      const left = this.#it.processes().filter((one) => !one.includes(" down "));
      if (left.length > 0) this.#fault(`left: ${left.join()}`);
      this.#readLines();
    } catch (error) {
      this.#fault(`${doing}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #fault(text: string): void {
    this.#faults.push(`seed ${this.#options.seed}: ${text}`);
  }

  #pids(): readonly number[] {
    return this.#it.processes().map((one) => Number.parseInt(one, 10));
  }

  /** Undefined: it is not there yet, or no more. */
  #supervisor(): number | undefined {
    return this.#pids().find((pid) => {
      const command = commandLine(pid);
      return command.includes(`${MORTAL} up`) && !command.includes(" -d");
    });
  }

  #launch(background: boolean): void {
    const { directory, runtimeDirectory, file, environment } = this.#it;
    const words = ["up", "--file", file, "--runtime-dir", runtimeDirectory];
    this.#life = start(
      this.#t,
      process.execPath,
      [MORTAL, ...words, ...(background ? ["-d"] : ["--quiet"])],
      {
        cwd: directory,
        env: { ...environment, DEATH_ORDERS: this.#orders.file, FIXTURE_LIFE: "240" },
      },
    );
  }

  async #die(moment: AloneMoment): Promise<void> {
    const background = this.#random() < 0.4;
    if (background) this.#detached += 1;
    this.#orders.give(...(moment === "begin" ? [this.#order("start")] : []));
    this.#launch(background);
    if (moment === "begin") {
      const life = this.#life;
      const dead = (): boolean =>
        this.#supervisor() === undefined &&
        (life?.child.exitCode !== null || life.child.signalCode !== null);
      await until(async () => dead() || (await this.#settled()).length === 0, {
        what: "a death, or the end of the start",
        deadlineMs: DEADLINE_MS,
      });
      if (dead()) this.#placed += 1;
      else await this.#killFromOutside();
      return;
    }
    await this.#settle(`a start before a death at ${moment}`);
    const pid = this.#supervisor() ?? 0;
    const placed = this.#random() < 0.6;
    if (placed) {
      this.#orders.give(this.#order("asked"));
      kill(pid, "SIGUSR2");
      await until(() => this.#orders.armed || !isAlive(pid), {
        what: "the order to be taken",
        deadlineMs: DEADLINE_MS,
      });
    }
    const acting = this.#act(moment, pid);
    // An order for a call that does not come is never carried out.
    await Promise.race([
      acting,
      until(() => !isAlive(pid), { what: "its death", deadlineMs: DEADLINE_MS }),
    ]);
    if (placed) await this.#moreLines(40_000, pid);
    else
      await this.#moreLines(
        moment === "run" ? 60_000 * this.#random() : 4_000 * this.#random(),
        pid,
      );
    if (isAlive(pid)) await this.#killFromOutside();
    else this.#placed += 1;
    await acting;
  }

  #order(from: Order["from"]): Order {
    const order = drawOrder(this.#random, "kill", from);
    // Node itself makes some hundred calls before anything else.
    return from === "start" && order.only === ""
      ? { ...order, calls: order.calls + Math.floor(this.#random() * 600) }
      : order;
  }

  async #killFromOutside(): Promise<void> {
    const pid = this.#supervisor();
    if (pid === undefined) return;
    kill(pid, "SIGKILL");
    await until(() => !isAlive(pid), { what: `the death of ${pid}` });
  }

  /** A while that has nothing to do with the supervisor's turns; or until its death. */
  async #moreLines(bytes: number, pid: number): Promise<void> {
    const file = join(this.#it.directory, "logs/whole.log");
    const size = statSync(file).size + bytes;
    await until(() => statSync(file).size >= size || !isAlive(pid), {
      what: "lines",
      deadlineMs: DEADLINE_MS,
    });
  }

  /** Resolves when it has been asked for; the answer may have died with the supervisor. */
  async #act(moment: AloneMoment, pid: number): Promise<void> {
    const { client } = this.#it;
    if (moment === "reload") {
      this.#version += 1;
      this.#it.write(aloneServices(this.#version));
      kill(pid, "SIGHUP");
    } else if (moment === "down") {
      this.#downs += 1;
      this.#steady = null;
      kill(pid, "SIGTERM");
    } else if (moment !== "run" && moment !== "begin")
      try {
        const actions = moment === "start" ? (["stop", "start"] as const) : ([moment] as const);
        for (const action of actions)
          for await (const _ of client.act({ action, names: ["flaps"], wait: true }));
      } catch {
        // It died before it had answered.
      }
  }

  #problems(): readonly string[] {
    const living = livingAmong(this.#pids());
    const problems: string[] = [];
    for (const [name, { runs }] of living)
      if (runs.size > (name === "quiet" ? 2 : 1)) problems.push(`${name} lives ${runs.size} times`);
    const steady = ALONE_STEADY.map(
      (name) => `${name}: ${living.get(name)?.processes.toSorted().join() ?? "none"}`,
    ).join("; ");
    if (this.#steady === null || steady === this.#steady) return problems;
    // A stop signal from before the last death may take its effect only now.
    if (this.#excused === this.#downs)
      problems.push(`the services were ${this.#steady} and are ${steady}`);
    else {
      this.#excused = this.#downs;
      this.#steady = null;
    }
    return problems;
  }

  /** At any time, a supervisor or none. */
  #look(when: string): void {
    for (const problem of this.#problems()) this.#fault(`${when}: ${problem}`);
  }

  /** What is not, or not yet, as it should be below a supervisor that lives. */
  async #settled(): Promise<readonly string[]> {
    const supervisor = this.#supervisor();
    if (supervisor === undefined) return ["there is no supervisor"];
    const { pid } = await this.#it.client.project();
    if (pid !== supervisor) return [`${pid} answers, not ${supervisor}`];
    const problems = [...this.#problems()];
    for (const { name, state, ready, run, reason } of await this.#it.client.services([])) {
      if (name === "once") {
        if (state !== "done" || (run !== 1 && this.#downs + this.#begins === 0))
          problems.push(`once is ${state} in run ${run}: ${reason}`);
      } else if (state !== "up" || !ready) problems.push(`${name} is ${state}: ${reason}`);
    }
    const versions = [...livingAmong(this.#pids(), "CRASH_VERSION").keys()].join();
    if (versions !== String(this.#version))
      problems.push(`changes runs as version ${versions} and not ${this.#version}`);
    return problems;
  }

  async #settle(after: string): Promise<void> {
    await until(() => this.#settled(), {
      is: (problems) => problems.length === 0,
      what: `all to be as it should after ${after}`,
      deadlineMs: DEADLINE_MS,
    });
    const living = livingAmong(this.#pids());
    this.#steady ??= ALONE_STEADY.map(
      (name) => `${name}: ${living.get(name)?.processes.toSorted().join() ?? "none"}`,
    ).join("; ");
  }

  #readLines(): void {
    const startsOf = (name: string): readonly string[] => {
      const path = join(this.#it.directory, `${name}.starts`);
      return existsSync(path) ? readFileSync(path, "latin1").split("\n").filter(Boolean) : [];
    };
    for (const name of [...ALONE_STEADY, "once"]) {
      const [count, copies] = [startsOf(name).length, name === "quiet" ? 2 : 1];
      // What has ended before it was in the records is not known to have been.
      const unseen = name === "once" ? this.#begins : 0;
      if (count < copies || count > copies * (1 + this.#downs + unseen))
        this.#fault(`${name} was started ${count} times`);
    }
    for (const name of ALONE_WRITERS) {
      const lines = new NumberedLines(name, true, name === "flaps" || this.#downs > 0);
      readLogs(join(this.#it.directory, `logs/${name}.log`), lines);
      // What ended while nobody looked took with it what its pipe held; the last ones did not.
      lines.expectEnds(
        name === "flaps" || this.#downs > 0 ? startsOf(name).slice(-1) : startsOf(name),
      );
      this.#lines += lines.lines;
      for (const fault of lines.faults) this.#fault(fault);
    }
  }
}
