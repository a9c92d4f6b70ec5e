// @ts-check

/** Words on the command line that name nothing we have. */
export class UsageError extends Error {}

/**
 * @param {string} option
 * @param {string} word
 * @param {number} greatest
 * @throws {UsageError}
 */
export function readCount(option, word, greatest) {
  const count = Number(word);
  if (Number.isInteger(count) && count >= 1 && count <= greatest) return count;
  throw new UsageError(
    `cannot use "${word}" for ${option}: it must be a whole number from 1 to ${greatest}`,
  );
}
