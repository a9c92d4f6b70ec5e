import type { DiagnosticList } from "./diagnostics.js";
import type { Draft } from "./draft.js";
import type { Sources } from "./sources.js";

const DEFAULT_BASE = 5000;
/** Ports between two process types: so many replicas of one fit. */
const STEP = 100;

/** The environment that a Procfile's processes expect: `.env`, and PORT, by process type and replica. */
export class ProcfilePorts {
  readonly #types: readonly string[];
  readonly #sources: Sources;
  readonly #base: number;

  constructor(
    types: readonly string[],
    portBase: number | undefined,
    sources: Sources,
    diagnostics: DiagnosticList,
  ) {
    this.#types = types;
    this.#sources = sources;
    const found =
      types.length === 0
        ? undefined
        : (portBase ?? sources.defaults.get("PORT") ?? sources.ambient("PORT"));
    const base = Number(found ?? DEFAULT_BASE);
    if (!Number.isInteger(base) || base < 1 || base + types.length * STEP > 65_535) {
      diagnostics.error(
        { file: sources.display(sources.directory), line: 0, column: 0 },
        `PORT must be a port that leaves room for ${STEP} ports for each process type, found "${found}"`,
      );
    }
    this.#base = base;
  }

  /** What comes before env_file and environment; empty for a service that is from no Procfile. */
  variables(service: string): ReadonlyMap<string, string> {
    return this.#types.includes(service)
      ? new Map([...this.#sources.defaults, ["PORT", this.#port(service, 1)]])
      : new Map();
  }

  /** The environment of one replica: its own PORT, unless another file of the merge set one. */
  ofReplica(
    draft: Draft,
    environment: Readonly<Record<string, string>>,
    replica: number,
  ): Readonly<Record<string, string>> {
    if (
      replica === 1 ||
      !this.#types.includes(draft.name) ||
      environment["PORT"] !== this.#port(draft.name, 1)
    )
      return environment;
    return { ...environment, PORT: this.#port(draft.name, replica) };
  }

  #port(service: string, replica: number): string {
    return String(this.#base + this.#types.indexOf(service) * STEP + replica - 1);
  }
}
