import { describeDiagnostic, loadConfiguration } from "@supervise/config";
import type { LoadRequest, LoadResult, ReadFile } from "@supervise/config";
import type { Configuration, ServiceSpec } from "@supervise/model";

/** A reader of files that stand in memory; `null` is a file that may not be read. */
export function memoryReader(files: Readonly<Record<string, string | null>>): ReadFile {
  return (path) => {
    const text = files[path];
    if (typeof text === "string") return text;
    throw Object.assign(new Error(path), { code: text === null ? "EACCES" : "ENOENT" });
  };
}

/** Loads from files in memory, below /app; without `files` in the options, /app/supervise.yaml. */
export function loadFiles(
  files: Readonly<Record<string, string | null>>,
  options: Partial<LoadRequest> = {},
): Promise<LoadResult> {
  return loadConfiguration({
    files: ["supervise.yaml"],
    workingDirectory: "/app",
    environment: {},
    profiles: [],
    readFile: memoryReader(files),
    ...options,
  });
}

export function loadText(text: string, options: Partial<LoadRequest> = {}): Promise<LoadResult> {
  return loadFiles({ "/app/supervise.yaml": text }, options);
}

/** The messages of a load, as a person sees them. */
export function messages(result: LoadResult): string[] {
  return result.diagnostics.map(describeDiagnostic);
}

/** The configuration of a load that must be good. */
export function good(result: LoadResult): Configuration {
  if (result.configuration === null) throw new Error(messages(result).join("\n"));
  return result.configuration;
}

/** The one service that a text describes, from the lines of its map. */
export async function service(
  lines: string,
  options: Partial<LoadRequest> = {},
): Promise<ServiceSpec> {
  const result = await loadText(`services:\n  web:\n${indent(lines)}`, options);
  const spec = good(result).services[0];
  if (spec === undefined) throw new Error("no service");
  return spec;
}

export function indent(lines: string): string {
  return lines.replaceAll(/^(?=.)/gm, "    ");
}
