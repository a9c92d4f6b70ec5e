import type { UnknownService } from "./request.js";

/** Thrown where a name or pattern matches no service. */
export class UnknownServiceError extends Error implements UnknownService {
  readonly code = "unknown-service" as const;
  readonly hint: string | null;

  constructor(asked: string, known: readonly string[]) {
    super(`cannot find service "${asked}": no such service`);
    this.name = "UnknownServiceError";
    this.hint =
      known.length === 0
        ? null
        : `the services are ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", ..." : ""}`;
  }
}

export interface Named {
  readonly name: string;
  readonly service: string;
}

/**
 * The services that were asked for, each once, in the order of the configuration. An exact name, the configured name of a scaled service
 * (all its replicas), or a pattern with `*` and `?`. None asked: all. Throws `UnknownServiceError`.
 */
export function matchNames(asked: readonly string[], all: readonly Named[]): readonly string[] {
  if (asked.length === 0) return all.map(({ name }) => name);
  const chosen = new Set<string>();
  for (const word of asked) {
    const matches = matcher(word);
    const found = all.filter(
      (one) => one.name === word || one.service === word || matches(one.name),
    );
    if (found.length === 0)
      throw new UnknownServiceError(
        word,
        all.map(({ name }) => name),
      );
    for (const { name } of found) chosen.add(name);
  }
  return all.filter(({ name }) => chosen.has(name)).map(({ name }) => name);
}

function matcher(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}
