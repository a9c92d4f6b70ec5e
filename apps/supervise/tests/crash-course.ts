import { cpSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ServiceAction } from "@supervise/model";
import { isAlive, until } from "@supervise/testkit";
import type { TestScope } from "@supervise/testkit";
import { busyServices, WRITERS } from "./crash-configuration.js";
import { startMortal, type MortalInit } from "./crash-init.js";
import { innerPid, livingServices, supervisorBelow } from "./crash-kernel.js";
import { TerminalRows } from "./crash-lines.js";
import {
  faultsAfterwards,
  problemsNow,
  startsOfEnds,
  steadyProcesses,
  wrongEnds,
  type SteadyProcesses,
} from "./crash-look.js";
import {
  drawOrder,
  seeded,
  type Moment,
  type PlannedDeath,
  type Random,
  type Way,
} from "./crash-orders.js";
import { freePorts } from "./example-project.js";
import { identity, kill, project, type Project } from "./harness.js";

export interface Death extends PlannedDeath {
  /** From the death to the first answer of the next supervisor, in milliseconds; null: there was none to measure. */
  readonly adoptedMs: number | null;
}

export interface CourseOptions {
  /** Of everything that is left to chance. */
  readonly seed: number;
  /** At most five (an "adoption" counts twice): one more and the keeper gives up, as it should. "begin" comes first, "end" last. */
  readonly plan: readonly PlannedDeath[];
  /** In a PID namespace; otherwise the init is a subreaper. */
  readonly asPidOne: boolean;
  /** Where the project's directory is copied to if there was a fault. */
  readonly keep?: string | undefined;
}

export interface CourseResult {
  readonly deaths: readonly Death[];
  /** What was not as it should be. */
  readonly faults: readonly string[];
  /** Numbered lines in the log files. */
  readonly lines: number;
  /** Lines that came to standard output more than once. */
  readonly repeated: number;
  /** Rows of standard output in which a supervisor died. */
  readonly torn: number;
  /** Starts of the service that ends again and again. */
  readonly runs: number;
}

const DEADLINE_MS = 30_000;
/** Ways that somebody else can bring about, at a moment that has nothing to do with what the supervisor does. */
const FROM_OUTSIDE: Partial<Record<Way, NodeJS.Signals>> = {
  kill: "SIGKILL",
  segv: "SIGSEGV",
  abort: "SIGABRT",
  stopped: "SIGSTOP",
};

/** A busy project from its start to its end, with deaths of the supervisor in between; after each the kernel and the control socket are asked. */
export async function runCourse(t: TestScope, options: CourseOptions): Promise<CourseResult> {
  const course = new Course(t, options, await freePorts(1));
  await course.run();
  return course.result();
}

class Course {
  readonly #options: CourseOptions;
  readonly #random: Random;
  readonly #port: number;
  readonly #it: Project;
  readonly #mortal: MortalInit;
  readonly #rows = new TerminalRows(Object.keys(WRITERS));
  readonly #deaths: Death[] = [];
  readonly #faults: string[] = [];
  #init = 0;
  #version = 0;
  #flaps: "up" | "down" = "up";
  #steady: SteadyProcesses | null = null;
  #lines = 0;

  constructor(t: TestScope, options: CourseOptions, port: number) {
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#port = port;
    this.#it = project(t, busyServices({ port, version: 0 }));
    const [first] = options.plan;
    this.#mortal = startMortal(t, this.#it, {
      asPidOne: options.asPidOne,
      deepStack: this.#random() < 0.5,
      rows: this.#rows,
      prepare: (orders) => {
        if (first?.moment === "begin") orders.give(drawOrder(this.#random, first.way, "ready"));
      },
    });
  }

  result(): CourseResult {
    const repeated = [...this.#rows.services].reduce((sum, one) => sum + one.repeated, 0);
    return {
      deaths: this.#deaths,
      faults: this.#faults,
      lines: this.#lines,
      repeated,
      torn: this.#rows.torn.length,
      runs: startsOfEnds(this.#it).length,
    };
  }

  async run(): Promise<void> {
    const { plan, keep, seed } = this.#options;
    let doing = "the start";
    try {
      this.#init = await this.#mortal.pid();
      if (plan[0]?.moment !== "begin") await this.#settle("the first start");
      for (const death of plan) {
        doing = `death by ${death.way} at ${death.moment}`;
        if (death.moment === "end") await this.#arm(death);
        else await this.#die(death);
      }
      doing = "the end";
      await this.#end(plan.at(-1));
      const { faults, lines } = faultsAfterwards(this.#it, this.#rows);
      this.#lines = lines;
      for (const fault of faults) this.#fault(fault);
    } catch (error) {
      this.#fault(`${doing}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (keep !== undefined && this.#faults.length > 0)
      cpSync(this.#it.directory, join(keep, String(seed)), {
        recursive: true,
        filter: (path) => statSync(path).isFile() || statSync(path).isDirectory(),
      });
  }

  /** The first one shows what was said. */
  #fault(text: string): void {
    const said =
      this.#faults.length === 0
        ? `\n${this.#mortal.said()}\ntorn: ${this.#rows.torn.join("\n  ")}`
        : "";
    const where = this.#options.asPidOne ? "PID 1" : "subreaper";
    this.#faults.push(`seed ${this.#options.seed}, ${where}: ${text}${said}`);
  }

  async #die(death: PlannedDeath): Promise<void> {
    const { moment, way } = death;
    let asked: Promise<void> = Promise.resolve();
    if (moment === "begin") {
      await until(() => this.#mortal.said().includes("starting it anew"), {
        what: "the death",
        deadlineMs: DEADLINE_MS,
      });
    } else {
      const pid = await this.#mortal.supervisor("before its death");
      const before = identity(pid);
      const signal = FROM_OUTSIDE[way];
      // Now and then rows have to wait for their reader.
      const read = this.#random() < 0.7;
      if (moment === "run" && signal !== undefined && this.#random() < 0.5) {
        // Writers whose rows wait for long enough write no more.
        await this.#moreLines();
        this.#mortal.read(read);
        kill(pid, signal);
      } else {
        this.#mortal.read(read);
        await this.#arm(death);
      }
      asked = this.#act(moment);
      this.#mortal.read(true);
      await until(() => supervisorBelow(this.#init), {
        is: (next) => next !== undefined && identity(next) !== before && this.#allTaken(moment),
        what: `another supervisor than ${before}`,
        deadlineMs: DEADLINE_MS,
        log: () => this.#mortal.said(),
      });
    }
    await asked;
    this.#deaths.push({ ...death, adoptedMs: await this.#adopted() });
    await this.#settle(`death by ${way} at ${moment}`);
  }

  /** A while that has nothing to do with the supervisor's turns. */
  async #moreLines(): Promise<void> {
    const file = join(this.#it.directory, "logs/whole.log");
    const size = statSync(file).size + this.#random() * 60_000;
    await until(() => statSync(file).size >= size, { what: "lines", deadlineMs: DEADLINE_MS });
  }

  /** Gives the order, and waits until the supervisor has taken it. */
  async #arm({ way, moment, place }: PlannedDeath): Promise<void> {
    const { orders } = this.#mortal;
    if (moment === "adoption")
      orders.give(drawOrder(this.#random, "kill", "asked"), drawOrder(this.#random, way, "start"));
    else orders.give({ ...drawOrder(this.#random, way, "asked"), ...place });
    const pid = await this.#mortal.supervisor("to be told");
    kill(pid, "SIGUSR2");
    await until(() => orders.armed || !isAlive(pid), {
      what: "the order to be taken",
      deadlineMs: DEADLINE_MS,
    });
  }

  #allTaken(moment: Moment): boolean {
    return moment !== "adoption" || readFileSync(this.#mortal.orders.file, "utf8") === "[]";
  }

  /** What goes on at that moment. Resolves when it has been asked for, heard or not. */
  async #act(moment: Moment): Promise<void> {
    if (moment === "reload") {
      this.#version += 1;
      this.#it.write(busyServices({ port: this.#port, version: this.#version }));
      kill(this.#init, "SIGHUP");
      return;
    }
    if (moment === "upgrade") {
      // It may be gone by its own will before its death has come.
      await this.#it.client.upgrade().catch(() => undefined);
      return;
    }
    if (moment !== "start" && moment !== "stop" && moment !== "restart") return;
    const whileUp = moment === "start" ? "restart" : moment;
    const action: ServiceAction = this.#flaps === "down" ? "start" : whileUp;
    this.#flaps = action === "stop" ? "down" : "up";
    // It is asked for until it is accepted: a death may come before that. What was accepted has to happen.
    await until(
      async () => {
        for await (const _ of this.#it.client.act({ action, names: ["flaps"], wait: false }));
        return true;
      },
      { what: `${action} to be accepted`, deadlineMs: DEADLINE_MS },
    );
  }

  /** The supervisor that lives now answers: how long that took. */
  async #adopted(): Promise<number | null> {
    const { client } = this.#it;
    let answeredMs = 0;
    let diedMs = Number.NaN;
    await until(
      async () => {
        const { pid } = await client.project();
        if (pid === 0 || pid !== innerPid(supervisorBelow(this.#init) ?? 0)) return false;
        answeredMs = Date.now();
        // After an upgrade it may be the next one whom the death meets, and the one after that who tells.
        for await (const { kind, message } of client.events({ after: 0, follow: false }))
          if (kind === "supervisor") diedMs = Date.parse(/ at (\S+Z);/.exec(message)?.[1] ?? "");
        return true;
      },
      {
        what: "an answer of the next supervisor",
        deadlineMs: DEADLINE_MS,
        log: () => this.#mortal.said(),
      },
    );
    return Number.isNaN(diedMs) ? null : answeredMs - diedMs;
  }

  async #settle(after: string): Promise<void> {
    const look = (): Promise<readonly string[]> =>
      problemsNow(this.#it, {
        init: this.#init,
        steady: this.#steady,
        version: this.#version,
        flaps: this.#flaps,
      });
    await until(look, {
      is: (problems) => problems.length === 0,
      what: `all to be as it should after ${after}`,
      deadlineMs: DEADLINE_MS,
      log: () => this.#mortal.said(),
    });
    this.#steady ??= steadyProcesses(this.#init);
    // After an upgrade the death may still be to come.
    const why = this.#deaths.some(({ moment }) => moment !== "begin")
      ? await until(() => this.#it.client.why("whole"), { what: "why", deadlineMs: DEADLINE_MS })
      : ["it was adopted at its birth"];
    if (!why.some((sentence) => /was adopted at/.test(sentence)))
      this.#fault(`after ${after} nothing is told of the adoption: ${why.join("; ")}`);
    const wrong = await until(() => wrongEnds(this.#it), { what: "ends", deadlineMs: DEADLINE_MS });
    for (const one of wrong) this.#fault(one);
  }

  async #end(last: PlannedDeath | undefined): Promise<void> {
    const { outer, ended } = this.#mortal;
    const known = [...livingServices(this.#init).values()].flatMap(({ processes }) => processes);
    kill(this.#init, "SIGTERM");
    await until(() => !isAlive(outer), {
      what: "the init to end",
      deadlineMs: DEADLINE_MS,
      log: () => this.#mortal.said(),
    });
    const code = await ended;
    if (last?.moment === "end") this.#deaths.push({ ...last, adoptedMs: null });
    if (code !== 0) this.#fault(`the init ended with ${code}`);
    const left = [
      ...known.filter((one) => identity(Number(one.split("@")[0])) === one),
      ...this.#it.processes(),
    ];
    if (left.length > 0) this.#fault(`left: ${left.join()}`);
  }
}
