// @ts-check

/** What is written over lines below the rows and what only changes their looks: all that the table of `up` sends. */
const SEQUENCE = /^\x1b\[(\??)([\d;]*)([A-Za-z])/;

/**
 * The lines of a terminal that forgets nothing, after all that was written to it: each with the time of the chunk that completed it, and how far up
 * the cursor went at most. It is not told how high it is: whoever goes further up than a screen would overwrite what has scrolled away in a real one.
 *
 * @param {readonly { bytes: Buffer, at: number }[]} chunks
 * @returns {{ history: { text: string, at: number }[], deepest: number, unknown: string[] }}
 */
export function historyOf(chunks) {
  /** @type {{ text: string, at: number }[]} */
  const history = [{ text: "", at: 0 }];
  /** @type {Set<string>} */
  const unknown = new Set();
  let row = 0;
  let atStart = true;
  let deepest = 0;
  let rest = "";
  for (const { bytes, at } of chunks) {
    const text = rest + bytes.toString("latin1");
    rest = "";
    for (let index = 0; index < text.length;) {
      const character = text[index];
      if (character === "\x1b") {
        const found = SEQUENCE.exec(text.slice(index, index + 32));
        if (found === null) {
          if (text.length - index < 32) rest = text.slice(index);
          else unknown.add(text.slice(index, index + 8));
          if (rest !== "") break;
          index += 1;
          continue;
        }
        const [whole, , numbers, final] = found;
        index += whole.length;
        if (final === "A") {
          const by = Number(numbers === "" ? 1 : numbers);
          row = Math.max(0, row - by);
          deepest = Math.max(deepest, history.length - row);
        } else if (final === "K") {
          const kept = history[row];
          if (kept !== undefined && atStart) kept.text = "";
        } else if (final === "C") {
          atStart = false;
        } else if (final === "J") {
          // Of the row itself nothing is left by then.
          if (history[row]?.text !== "") unknown.add(whole);
          history.length = row + 1;
        } else if (!"mhl".includes(final ?? "")) unknown.add(whole);
        continue;
      }
      if (character === "\r") {
        atStart = true;
        index += 1;
        continue;
      }
      if (character === "\n") {
        row += 1;
        index += 1;
        history[row] ??= { text: "", at };
        continue;
      }
      let end = index + 1;
      while (end < text.length && !"\x1b\r\n".includes(text[end] ?? "")) end += 1;
      const line = history[row];
      if (line !== undefined) {
        // Whatever begins a line anew stands where nothing is left of what was there.
        if (atStart && line.text !== "") unknown.add(`written over: ${line.text}`);
        line.text += text.slice(index, end);
        line.at = at;
      }
      atStart = false;
      index = end;
    }
  }
  return { history, deepest, unknown: [...unknown] };
}
