import { suggestion } from "./suggest.js";

/** A name that no service has. */
export interface UnknownName {
  readonly name: string;
  /** One line, for people. */
  readonly message: string;
  readonly hint: string | null;
}

/** Those of the names, as an operator gave them, that are neither a configured service nor one of its replicas. */
export function validateNames(
  names: readonly string[],
  services: readonly { readonly name: string; readonly service: string }[],
): readonly UnknownName[] {
  const known = new Set(services.flatMap(({ name, service }) => [service, name]));
  return names
    .filter((name) => !known.has(name))
    .map((name) => ({
      name,
      message: `no service is named "${name}"`,
      hint: suggestion(name, known),
    }));
}
