import { writeFile } from "node:fs/promises";

/** As in "ENOENT: no such file or directory, open '/x'". */
const NODE_WORDS = /^[A-Z\d]+: (.+?), [a-z]+/;

/** Writes a new file; one that is there is not written over. Says how that went. */
export async function save(
  path: string,
  text: string,
): Promise<{ readonly text: string; readonly good: boolean }> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return { text: `saved as "${path}"`, good: true };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === "EEXIST" ? "it is there already" : (NODE_WORDS.exec(message)?.[1] ?? message);
    return { text: `cannot save "${path}": ${why} (${code ?? "EIO"})`, good: false };
  }
}
