import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLAIMS } from "./claims.js";
import type { ClaimName, Mode, Peer } from "./claims.js";

const room = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The program under test; SUPERVISE_INIT_BINARY names another build of it, such as the one with sanitizers. */
export const OWN_PATH = process.env["SUPERVISE_INIT_BINARY"] ?? join(room, "bin/supervise-init");

/** Absolute path of the compiled tests/fixtures/NAME.c. */
export function program(name: string): string {
  const path = join(room, "build/fixtures", name);
  if (!existsSync(path))
    throw new Error(
      `"${name}" is not compiled; run: node packages/testkit/scripts/build-native.mjs`,
    );
  return path;
}

/** One of the programs that the suite is run against. */
export interface Init {
  readonly name: "supervise-init" | Peer;
  /** Null: not installed. */
  readonly path: string | null;
  /** What stands between the program and the command's own words. */
  options(mode: Mode, asked?: Asked): string[];
}

/** Options under their own words; those of the peers follow from them. */
export interface Asked {
  readonly group?: boolean;
  readonly singleChild?: boolean;
  readonly rewrite?: readonly string[];
  /** A code that becomes 0. */
  readonly remapToZero?: number;
  /** For supervise-init alone, as they stand. */
  readonly own?: readonly string[];
}

function inPath(name: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

const when = (asked: unknown, ...words: string[]): string[] => (asked ? words : []);

const ALL: readonly Init[] = [
  {
    name: "supervise-init",
    path: OWN_PATH,
    options: (_, asked = {}) => [
      ...when(asked.group, "-g"),
      ...when(asked.singleChild, "--single-child"),
      ...(asked.rewrite ?? []).flatMap((pair) => ["--rewrite", pair]),
      ...when(asked.remapToZero !== undefined, "--remap-exit", `${asked.remapToZero}:0`),
      ...(asked.own ?? []),
      "--",
    ],
  },
  {
    name: "tini",
    path: inPath("tini"),
    options: (mode, asked = {}) => [
      ...when(mode === "subreaper", "-s"),
      ...when(asked.group, "-g"),
      ...when(asked.remapToZero !== undefined, "-e", String(asked.remapToZero)),
      "--",
    ],
  },
  {
    name: "dumb-init",
    path: inPath("dumb-init"),
    options: (_, asked = {}) => [
      ...when(asked.singleChild, "--single-child"),
      ...(asked.rewrite ?? []).flatMap((pair) => ["--rewrite", pair]),
      "--",
    ],
  },
  {
    name: "catatonit",
    path: inPath("catatonit"),
    options: (_, asked = {}) => [...when(asked.group, "-g"), "--"],
  },
];

/** Another build is tested alone: with the peers nothing has changed. */
export const INITS: readonly Init[] = process.env["SUPERVISE_INIT_BINARY"] ? ALL.slice(0, 1) : ALL;

/** Does it claim this in this mode? */
export function claims(init: Init, mode: Mode, name: ClaimName): boolean {
  if (init.name === "supervise-init") return true;
  const claim = CLAIMS[name][init.name];
  return claim === true || (typeof claim === "object" && claim.onlyAs === mode);
}
