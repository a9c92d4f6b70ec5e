const DEFAULT_NAMES = ["supervise.yaml", "supervise.yml", "Procfile"];

/** Which of the files to use where none is named: the first of supervise.yaml, supervise.yml and Procfile that `exists`; else none. */
export function defaultFiles(
  directory: string,
  exists: (path: string) => boolean,
): readonly string[] {
  for (const name of DEFAULT_NAMES) {
    const path = directory.endsWith("/") ? directory + name : `${directory}/${name}`;
    if (exists(path)) return [path];
  }
  return [];
}
