/** Where commands are looked for if the service has no PATH at all. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * What execve(2) is to try, in order, as execvp(3) does: a word with a "/" is itself the file, relative to the working directory; any other is looked
 * for in `path`, where an empty entry is the working directory. All are absolute, so that messages can name them; with a root directory
 * they, like the working directory, are names inside it.
 */
export function candidates(
  word: string,
  path: string,
  workingDirectory: string,
): readonly string[] {
  if (word.includes("/")) return [inside(workingDirectory, word)];
  return path
    .split(":")
    .map((directory) => `${withoutSlash(inside(workingDirectory, directory))}/${word}`);
}

/** No ".." is resolved: the directory before it may be a symbolic link. */
function inside(directory: string, name: string): string {
  if (name.startsWith("/")) return name;
  const relative = name.replace(/^(?:\.\/+)+/, "");
  if (relative === "" || relative === ".") return directory;
  return `${withoutSlash(directory)}/${relative}`;
}

function withoutSlash(directory: string): string {
  return directory.replace(/\/+$/, "");
}
