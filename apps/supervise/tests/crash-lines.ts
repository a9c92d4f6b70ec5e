import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** More than a row has, but for those of long lines. */
const ROW_BYTES = 200;
/** Of numbered.h. */
const LONG = 3001;
const LINE = /^(\d+) ([12]) (\d+) (x*)#$/;
const END = /^(\d+) ([12]) end (\d+)$/;
const ROW = /^\S+Z (\S+) (\d+) (out|err)(\+?) (.*)$/;
const MARK = /^\S+Z \S+ - (?:begin run \d+, pid \d+|end run \d+ .*)$/;

/** What became of the numbered lines of one service. */
export class NumberedLines {
  readonly name: string;
  readonly once: boolean;
  /** A process may have ended in the middle of a line while nobody read it. */
  readonly endsCut: boolean;
  readonly #last = new Map<string, number>();
  /** How often. */
  readonly #ended = new Map<string, number>();
  readonly faults: string[] = [];
  lines = 0;
  repeated = 0;

  /** `once`: a repetition is a fault, and so is a text that is none of ours. */
  constructor(name: string, once: boolean, endsCut = false) {
    this.endsCut = endsCut;
    this.name = name;
    this.once = once;
  }

  add(text: string, where: string): boolean {
    const line = LINE.exec(text);
    const end = line === null ? END.exec(text) : null;
    const [, pid = "", stream = "", digits = ""] = line ?? end ?? [];
    const number = Number(digits);
    if (pid === "" || (line !== null && !this.#isFilled(line[4] ?? "", number))) {
      if (this.once) this.#fault(`${where}: torn: ${JSON.stringify(text.slice(0, 150))}`);
      return false;
    }
    const key = `${pid} ${stream}`;
    // The kernel gives numbers out again.
    if (line !== null && number === 1 && this.#ended.has(key)) this.#last.delete(key);
    const last = this.#last.get(key) ?? 0;
    this.lines += 1;
    const next = end === null ? last + 1 : last;
    if (end !== null) this.#ended.set(key, (this.#ended.get(key) ?? 0) + 1);
    if (number > next || (number !== next && this.once))
      this.#fault(`${where}: ${text.slice(0, 40)} follows number ${last}`);
    else if (number < next) this.repeated += 1;
    if (end === null) this.#last.set(key, this.once ? number : Math.max(last, number));
    return true;
  }

  /** Each of these processes must have been read to its last line; whose number was given out again stands there again. */
  expectEnds(pids: readonly string[]): void {
    for (const pid of new Set(pids))
      for (const stream of [1, 2]) {
        const wanted = pids.filter((one) => one === pid).length;
        const found = this.#ended.get(`${pid} ${stream}`) ?? 0;
        if (this.once ? found === wanted : found > 0) continue;
        const last = this.#last.get(`${pid} ${stream}`) ?? 0;
        this.#fault(`${pid} ended ${wanted} times, ${found} on ${stream}, after number ${last}`);
      }
  }

  /** Of a long line, a part that happens to look whole is none. */
  #isFilled(filling: string, number: number): boolean {
    return filling.length === (number % 61) * (this.name === "long" ? LONG : 1);
  }

  #fault(text: string): void {
    if (this.faults.length < 20) this.faults.push(`${this.name}: ${text}`);
  }
}

/** Reads what the service said in a log file and all that it was rotated to, the oldest first. */
export function readLogs(path: string, into: NumberedLines): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  // The current file is older than none.
  const older = readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}.`));
  const names = [...older.toSorted().map((name) => join(folder, name)), path].filter(existsSync);
  const begun = new Map<string, string>();
  let next = 1;
  for (const name of names) {
    const rows = readFileSync(name, "latin1").split("\n");
    if (rows.pop() !== "") into.add("(a row without its newline)", name);
    for (const [index, row] of rows.entries()) {
      const where = `${basename(name)}, line ${index + 1}`;
      if (MARK.test(row)) continue;
      const [, service, seq, stream = "", plus, text = ""] = ROW.exec(row) ?? [];
      if (service === undefined || Number(seq) !== next) {
        into.add(`(row ${seq}, not ${next}) ${row}`, where);
        next = Number(seq) + 1;
        continue;
      }
      next += 1;
      if (service !== into.name) continue;
      const joined = (begun.get(stream) ?? "") + text;
      const cut = into.endsCut && !LINE.test(joined) && LINE.test(text);
      const whole = cut ? text : joined;
      begun.delete(stream);
      // A last line that has no newline stands alone.
      if (plus === "+" && !END.test(whole)) begun.set(stream, whole);
      else into.add(whole, where);
    }
  }
}

/** Takes the init's standard output apart: what each service said there. */
export class TerminalRows {
  readonly #services: ReadonlyMap<string, NumberedLines>;
  readonly #whole: RegExp;
  #rest = "";
  /** Rows that are none of ours as they stand, at most so many: a supervisor died in them. */
  readonly torn: string[] = [];

  constructor(names: readonly string[]) {
    this.#services = new Map(names.map((name) => [name, new NumberedLines(name, false)]));
    this.#whole = new RegExp(String.raw`(${names.join("|")}) +\| (\d+ [12] [^|]*)$`);
  }

  get services(): Iterable<NumberedLines> {
    return this.#services.values();
  }

  add(text: string): void {
    const rows = (this.#rest + text).split("\n");
    this.#rest = rows.pop() ?? "";
    for (const row of rows) {
      // What was begun before a death stands before the whole row.
      const found = this.#whole.exec(row.slice(-ROW_BYTES));
      const [all = "", name = "", said = ""] = found ?? [];
      const isOurs = this.#services.get(name)?.add(said, "standard output") === true;
      const isWhole = isOurs && all.length === row.length;
      const isOther = found === null && /^(?:supervise|\w+) +[|+] /.test(row.slice(0, ROW_BYTES));
      if (!isWhole && !isOther && name !== "long" && this.torn.length < 20)
        this.torn.push(row.slice(0, ROW_BYTES));
    }
  }
}
