/** Matches what must never reach a terminal as it is: control characters, and marks that change the direction of text. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const TAB_STOP = 8;

/**
 * Text from a service as it is, without effect: a control character as less shows it ("^[" for ESC, "<9b>" above 127), a tab as blanks up to the next
 * stop. Nothing in it is markup.
 */
export function visible(text: string): string {
  const spread = text.includes("\t") ? expandTabs(text) : text;
  return spread.replaceAll(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    if (code === 0x7f) return "^?";
    return `<${code.toString(16)}>`;
  });
}

function expandTabs(text: string): string {
  let found = "";
  for (const character of text) {
    found += character === "\t" ? " ".repeat(TAB_STOP - (found.length % TAB_STOP)) : character;
  }
  return found;
}
