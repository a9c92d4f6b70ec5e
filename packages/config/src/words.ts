/** The words of a command line, or where and why it cannot be split. */
export type SplitResult =
  | {
      readonly ok: true;
      readonly words: readonly string[];
      readonly operator: { readonly text: string; readonly offset: number } | null;
    }
  | { readonly ok: false; readonly offset: number; readonly message: string };

const BLANK = /[ \t\r\n]/;
/** Words that only a shell understands. They are passed on as they are; `operator` reports the first. */
const OPERATOR = /^(?:\|\|?|&&?|;;?|[0-9]*(?:>>?|<<?)(?:&[0-9-]?)?|[0-9]*[<>].+)$/;

/**
 * Splits as a POSIX shell splits words (XCU 2.2, quoting): blanks between words, '…' literal, "…" with backslash before
 * $ ` " \ and newline, backslash outside of quotes. Nothing is expanded and there are no comments.
 */
export function splitWords(text: string): SplitResult {
  const words: string[] = [];
  let operator: { text: string; offset: number } | null = null;
  let index = 0;
  while (index < text.length) {
    if (BLANK.test(text.charAt(index))) {
      index++;
      continue;
    }
    const start = index;
    const word = readWord(text, start);
    if (!word.ok) return word;
    index = word.end;
    if (word.text === null) continue;
    words.push(word.text);
    if (operator === null && OPERATOR.test(text.slice(start, index)))
      operator = { text: word.text, offset: start };
  }
  return { ok: true, words, operator };
}

type Word =
  | { readonly ok: true; readonly text: string | null; readonly end: number }
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** `text` is null where nothing but joined lines was found. */
function readWord(text: string, start: number): Word {
  let word: string | null = null;
  let index = start;
  while (index < text.length && !BLANK.test(text.charAt(index))) {
    const char = text.charAt(index);
    if (char === "\\") {
      if (index + 1 >= text.length)
        return {
          ok: false,
          offset: index,
          message: "a backslash stands at the end, with nothing to quote",
        };
      const next = text.charAt(index + 1);
      if (next !== "\n") word = (word ?? "") + next;
      index += 2;
    } else if (char === "'" || char === '"') {
      const quoted = char === "'" ? readSingle(text, index) : readDouble(text, index);
      if (quoted === null)
        return { ok: false, offset: index, message: `the quote ${char} is not closed` };
      word = (word ?? "") + quoted.text;
      index = quoted.end;
    } else {
      word = (word ?? "") + char;
      index++;
    }
  }
  return { ok: true, text: word, end: index };
}

function readSingle(text: string, open: number): { text: string; end: number } | null {
  const close = text.indexOf("'", open + 1);
  return close === -1 ? null : { text: text.slice(open + 1, close), end: close + 1 };
}

function readDouble(text: string, open: number): { text: string; end: number } | null {
  let result = "";
  for (let index = open + 1; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '"') return { text: result, end: index + 1 };
    const next = text.charAt(index + 1);
    if (char === "\\" && next !== "" && '$`"\\\n'.includes(next)) {
      if (next !== "\n") result += next;
      index++;
    } else result += char;
  }
  return null;
}
