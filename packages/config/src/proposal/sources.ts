/** A file that a configuration can be made from. */
export interface ProposalSource {
  readonly kind: "procfile" | "compose" | "package";
  /** Its name, without a directory. */
  readonly file: string;
}

/** Those of one kind in the order in which they are looked for: only the first one counts, as its own tool has it. */
const NAMES: readonly (readonly [kind: ProposalSource["kind"], names: readonly string[]])[] = [
  ["procfile", ["Procfile", "Procfile.dev"]],
  ["compose", ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]],
  ["package", ["package.json"]],
];

/** What there is to make a configuration from. `exists` is asked for names in the directory. */
export function proposalSources(exists: (name: string) => boolean): readonly ProposalSource[] {
  return NAMES.flatMap(([kind, names]) => {
    const file = names.find(exists);
    return file === undefined ? [] : [{ kind, file }];
  });
}

/** The kind of a file that was named; null: none of those that are known. */
export function proposalSource(file: string): ProposalSource | null {
  if (/^(?:Procfile(?:\..+)?|.+\.procfile)$/i.test(file)) return { kind: "procfile", file };
  if (/\.ya?ml$/i.test(file)) return { kind: "compose", file };
  return file === "package.json" ? { kind: "package", file } : null;
}
