import { causeOf, type LogProblem } from "./problem.js";

/** What is wrong with one log file now, and who hears of it. */
export class FileTrouble {
  /** A negative errno; 0: nothing is wrong. */
  failure = 0;
  readonly #path: string;
  readonly #tell: (problem: LogProblem) => void;

  constructor(path: string, tell: (problem: LogProblem) => void) {
    this.#path = path;
    this.#tell = tell;
  }

  /** Says a failure once; it is said again after lines could be written in between. */
  fail(verb: "open" | "write", negativeErrno: number): void {
    if (this.failure === 0)
      this.say(
        `cannot ${verb} log file "${this.#path}": ${causeOf(negativeErrno)}; lines are counted until it can be written`,
      );
    this.failure = negativeErrno;
  }

  say(message: string): void {
    this.#tell({ kind: "file", message });
  }
}
