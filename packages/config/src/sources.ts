import { isAbsolute, join, relative, resolve } from "node:path";
import type { DiagnosticList } from "./diagnostics.js";
import { parseDotenv } from "./dotenv.js";
import type { Input, LoadRequest } from "./request.js";
import { UNREADABLE } from "./unreadable-text.js";

export type ReadResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly cause: string; readonly missing: boolean };

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is not a directory",
  ENXIO: "it is no file",
  ELOOP: "too many symbolic links",
};

/** Files and variables of one load, and the account of which were used. */
export class Sources {
  readonly #request: LoadRequest;
  readonly #diagnostics: DiagnosticList;
  readonly #texts = new Map<string, ReadResult>();
  readonly #parsed = new Map<string, ReadonlyMap<string, string>>();
  readonly #variables = new Map<string, string | null>();
  /** Absolute directory of the first file: what relative paths are relative to. */
  readonly directory: string;
  #dotenv: ReadonlyMap<string, string> = new Map();

  constructor(request: LoadRequest, diagnostics: DiagnosticList) {
    this.#request = request;
    this.#diagnostics = diagnostics;
    this.directory = resolve(request.workingDirectory, request.files[0] ?? "", "..");
    if (request.files.length === 0) this.directory = request.workingDirectory;
  }

  read(path: string): ReadResult {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const result = this.#readNow(path);
    this.#texts.set(path, result);
    return result;
  }

  #readNow(path: string): ReadResult {
    try {
      return { ok: true, text: this.#request.readFile(path) };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "EIO";
      if (error instanceof Error && code === UNREADABLE) {
        return { ok: false, cause: error.message, missing: false };
      }
      return {
        ok: false,
        cause: `${CAUSES[code] ?? "the system can't read it"} (${code})`,
        missing: code === "ENOENT",
      };
    }
  }

  /** Reads `.env` beside the first file, if there is one; its variables are then found by `lookUp`. */
  readDefaults(): void {
    const result = this.variablesOf(join(this.directory, ".env"));
    if (result.ok) this.#dotenv = result.variables;
    else if (!result.missing)
      this.#diagnostics.error(
        { file: this.display(join(this.directory, ".env")), line: 0, column: 0 },
        result.cause,
      );
  }

  /** Variables of the file `.env`, which a Procfile's processes get. */
  get defaults(): ReadonlyMap<string, string> {
    return this.#dotenv;
  }

  /** Variables of an env_file. What is wrong inside goes to the diagnostics; that it cannot be read is the result. */
  variablesOf(
    path: string,
  ):
    | { readonly ok: true; readonly variables: ReadonlyMap<string, string> }
    | Extract<ReadResult, { ok: false }> {
    const result = this.read(path);
    if (!result.ok) return result;
    const known = this.#parsed.get(path);
    if (known !== undefined) return { ok: true, variables: known };
    const { variables, problems } = parseDotenv(result.text, this.lookUp);
    this.#parsed.set(path, variables);
    for (const { severity, line, column, message, hint } of problems) {
      this.#diagnostics[severity]({ file: this.display(path), line, column }, message, hint);
    }
    return { ok: true, variables };
  }

  /** A variable of the environment, else of `.env`. */
  readonly lookUp = (name: string): string | undefined =>
    this.ambient(name) ?? this.#dotenv.get(name);

  /** A variable of the environment alone. */
  ambient(name: string): string | undefined {
    const value = Object.hasOwn(this.#request.environment, name)
      ? this.#request.environment[name]
      : undefined;
    this.#variables.set(name, value ?? null);
    return value;
  }

  /** The path as messages name it: relative where it is below the working directory. */
  display(path: string): string {
    const short = relative(this.#request.workingDirectory, path);
    return short === "" || short.startsWith("..") || isAbsolute(short) ? path : short;
  }

  get inputs(): readonly Input[] {
    return [...this.#texts].map(([path, result]) => ({
      path,
      text: result.ok ? result.text : null,
    }));
  }

  get environmentUsed(): Readonly<Record<string, string | null>> {
    return Object.fromEntries(this.#variables);
  }
}
