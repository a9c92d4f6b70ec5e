import { basename, dirname, relative } from "node:path";
import type { LoadResult } from "@supervise/config";

/** A line that sets this variable in a file of variables. */
const assigns = (name: string): RegExp => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*[=:]`);

/**
 * Where the configuration sets each of these variables of a service ("supervise.yaml:12", "more.env:3"), as far as it can be told: in `environment`, else in a file of variables. `files`: the
 * configuration's own.
 */
export function variablePlaces(
  { locate, locations, inputs }: Pick<LoadResult, "locate" | "locations" | "inputs">,
  files: readonly string[],
  service: string,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const [first = ""] = files;
  const own = new Set(files);
  // A Procfile's services have the variables of .env; others have it for ${NAME} only.
  const others = inputs.filter(
    ({ path }) => !own.has(path) && (basename(path) !== ".env" || basename(first) === "Procfile"),
  );
  const around = locate(service, "environment");
  const places = new Map<string, string>();
  for (const name of names) {
    const at = locate(service, `environment.${name}`);
    const exact =
      at !== null && (around === null || at.line !== around.line || at.column !== around.column);
    const place = exact ? `${at.file}:${at.line}` : (inFiles(name) ?? listed(name));
    if (place !== null) places.set(name, place);
  }
  return places;

  function inFiles(name: string): string | null {
    if (!/^\w+$/.test(name)) return null;
    for (const { path, text } of others.toReversed()) {
      const row = text?.split("\n").findLastIndex((line) => assigns(name).test(line)) ?? -1;
      if (row >= 0) return `${relative(dirname(first), path)}:${row + 1}`;
    }
    return null;
  }
  /** `environment` as a list: its entries have no places of their own. */
  function listed(name: string): string | null {
    if (around === null || !locations.files.includes(around.file)) return null;
    const rows = inputs.find(({ path }) => path.endsWith(around.file))?.text?.split("\n") ?? [];
    const entry = new RegExp(`^\\s*-\\s*["']?${name.replaceAll(/\W/g, "\\$&")}(?:=|["']?\\s*$)`);
    const row = rows.findIndex((line, at) => at >= around.line && entry.test(line));
    return row < 0 ? null : `${around.file}:${row + 1}`;
  }
}
