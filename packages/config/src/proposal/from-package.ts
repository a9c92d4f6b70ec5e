import type { Proposal, ProposalRequest, ProposedService } from "./proposal.js";
import { writeText } from "./write-text.js";

/** What a script is called that runs until it is stopped, the likeliest first; more of the kind behind a colon. */
const USUAL = ["dev", "develop", "start", "serve", "watch", "worker"];

/** By the file that it leaves, as each package manager has it. */
const LOCK_FILES: readonly (readonly [file: string, manager: string])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];
const MANAGERS = new Set(["npm", "pnpm", "yarn", "bun"]);

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly manager: string | null;
}

/** The scripts of a package.json by name, in their order. Null: it is no JSON object. */
export function readScripts(text: string): Readonly<Record<string, string>> | null {
  return readManifest(text)?.scripts ?? null;
}

/** Those that are probably meant: the first usual one, with all of its kind (`dev`, or `dev:web` and `dev:worker`). */
export function usualScripts(names: readonly string[]): readonly string[] {
  for (const usual of USUAL) {
    if (names.includes(usual)) return [usual];
    const several = names.filter((name) => name.startsWith(`${usual}:`));
    if (several.length > 0) return several;
  }
  return [];
}

/** A service for each script that was chosen, run by the package manager that is used here. */
export function fromPackage({ source, text, exists, scripts }: ProposalRequest): Proposal {
  const manifest = readManifest(text);
  const nothing = { text: "", services: [], left: [] };
  const mistake = (message: string): Proposal => ({
    ...nothing,
    diagnostics: [
      { severity: "error", file: source.file, line: 1, column: 1, message, hint: null },
    ],
  });
  if (manifest === null) return mistake("it must be a JSON object with scripts");
  const names = Object.keys(manifest.scripts);
  const chosen = scripts ?? usualScripts(names);
  const missing = chosen.find((name) => !names.includes(name));
  if (missing !== undefined) return mistake(`there is no script "${missing}"`);
  if (chosen.length === 0) return { ...nothing, diagnostics: [] };
  const manager = manifest.manager ?? LOCK_FILES.find(([file]) => exists(file))?.[1] ?? "npm";
  const services = chosen.map((name): ProposedService => ({
    name: serviceName(name),
    keys: { command: [manager, "run", name.replaceAll("$", "$$$$")] },
    comments: [`${name}: ${manifest.scripts[name] ?? ""}`],
  }));
  const twice = services.find(({ name }, index) =>
    services.slice(0, index).some((other) => other.name === name),
  );
  if (twice !== undefined)
    return mistake(`two of the scripts would be the service "${twice.name}"`);
  return {
    text: writeText([`Made from ${source.file} by \`supervise new\`.`], services),
    services: services.map(({ name }) => name),
    left: [],
    diagnostics: [],
  };
}

function readManifest(text: string): Manifest | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // Told by the caller: it is no JSON.
    return null;
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) return null;
  const scripts = "scripts" in found ? found.scripts : {};
  if (typeof scripts !== "object" || scripts === null) return null;
  const manager = "packageManager" in found ? String(found.packageManager).split("@")[0] : "";
  return {
    scripts: Object.fromEntries(
      Object.entries(scripts).filter(
        (pair): pair is [string, string] => typeof pair[1] === "string",
      ),
    ),
    manager: manager !== undefined && MANAGERS.has(manager) ? manager : null,
  };
}

/** `dev:web` is `dev-web`. */
function serviceName(script: string): string {
  const name = script.replaceAll(/[^a-zA-Z0-9._-]+/g, "-").replace(/^[._-]+/, "");
  return name === "" ? "script" : name;
}
