import type { MouseEvent } from "../model/message.js";

/** What a terminal sends: a key by its name, text that was pasted, or the mouse. */
export type Input =
  | { readonly type: "key"; readonly key: string }
  | { readonly type: "paste"; readonly text: string }
  | { readonly type: "mouse"; readonly mouse: MouseEvent };

export interface InputDecoder {
  /** What the bytes that came mean, in order. A sequence that is not whole waits for the rest. */
  feed(text: string): readonly Input[];
  /** Nothing more came: what waits is taken as it is. A lone ESC is the key Escape. */
  flush(): readonly Input[];
  readonly waits: boolean;
}

/** Final characters and numbers of CSI and SS3 sequences, of xterm, screen, the Linux console and rxvt. */
const NAMES: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "S-tab",
  "1~": "home",
  "2~": "insert",
  "3~": "delete",
  "4~": "end",
  "5~": "pageup",
  "6~": "pagedown",
  "7~": "home",
  "8~": "end",
  "11~": "f1",
  "12~": "f2",
  "13~": "f3",
  "14~": "f4",
  "15~": "f5",
  "17~": "f6",
  "18~": "f7",
  "19~": "f8",
  "20~": "f9",
  "21~": "f10",
  "23~": "f11",
  "24~": "f12",
  "[A": "f1",
  "[B": "f2",
  "[C": "f3",
  "[D": "f4",
  "[E": "f5",
};

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";
/** A sequence that is longer than this was none. */
const LONGEST_SEQUENCE = 64;
const LONGEST_PASTE = 4096;

/** Keys, mouse (SGR mode) and bracketed paste of what a terminal sends, however it is cut into pieces. */
export function createInputDecoder(): InputDecoder {
  let waiting = "";
  const decode = (whole: boolean): readonly Input[] => {
    const found: Input[] = [];
    let at = 0;
    while (at < waiting.length) {
      const rest = waiting.slice(at);
      const one = rest.startsWith("\u001b") ? sequence(rest, whole) : single(rest);
      if (one === null) break;
      if (one.input !== null) found.push(one.input);
      at += one.length;
    }
    waiting = waiting.slice(at);
    return found;
  };
  return {
    feed(text) {
      waiting += text;
      return decode(false);
    },
    flush: () => decode(true),
    get waits() {
      return waiting !== "";
    },
  };
}

interface Decoded {
  readonly input: Input | null;
  readonly length: number;
}

function single(text: string): Decoded {
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  return { input: { type: "key", key: nameOf(character) }, length: character.length };
}

function nameOf(character: string): string {
  const code = character.charCodeAt(0);
  switch (character) {
    case "\r":
    case "\n":
      return "enter";
    case "\t":
      return "tab";
    case " ":
      return "space";
    case "\u007f":
    case "\b":
      return "backspace";
    case "\u001b":
      return "escape";
    case "\0":
      return "C-space";
    default:
      return code < 0x20 ? `C-${String.fromCharCode(code + 0x60)}` : character;
  }
}

/** Null: the rest of it is still to come. */
function sequence(text: string, whole: boolean): Decoded | null {
  if (text.startsWith(PASTE_BEGIN)) {
    const end = text.indexOf(PASTE_END);
    if (end >= 0)
      return {
        input: { type: "paste", text: text.slice(PASTE_BEGIN.length, end) },
        length: end + PASTE_END.length,
      };
    return text.length < LONGEST_PASTE && !whole ? null : { input: null, length: text.length };
  }
  const found =
    /^\u001b(?:\[<(\d+);(\d+);(\d+)([Mm])|\[(\[[A-E])|(?:\[|O)([\d;]*)([A-Za-z~^$@]))/.exec(text);
  if (found !== null) return { input: meaning(found), length: found[0].length };
  const begun = /^\u001b(?:\[[<\d;[]*|O\d*)?$/.test(text);
  if (begun && !whole && text.length < LONGEST_SEQUENCE) return null;
  if (text.length === 1 || text[1] === "\u001b")
    return { input: { type: "key", key: "escape" }, length: 1 };
  if (begun || text[1] === "[") return { input: null, length: begun ? text.length : 2 };
  const next = single(text.slice(1));
  const key = next.input?.type === "key" ? `M-${next.input.key}` : "escape";
  return { input: { type: "key", key }, length: 1 + next.length };
}

function meaning(found: RegExpExecArray): Input | null {
  const [, button, x, y, final, console, numbers = "", letter = ""] = found;
  if (button !== undefined) return mouseOf(Number(button), Number(x), Number(y), final === "M");
  if (console !== undefined) return { type: "key", key: NAMES[console] ?? "" };
  const [first = "", modifier = "1"] = numbers.split(";");
  const name = letter === "~" ? NAMES[`${first}~`] : NAMES[letter];
  if (name === undefined) return null;
  const bits = Math.max(0, Number(modifier) - 1);
  const prefix = `${bits & 4 ? "C-" : ""}${bits & 2 ? "M-" : ""}${bits & 1 ? "S-" : ""}`;
  return { type: "key", key: `${prefix}${name}` };
}

/** Only presses and the wheel mean anything here. */
function mouseOf(button: number, x: number, y: number, pressed: boolean): Input | null {
  const at = { x: x - 1, y: y - 1 };
  if (button === 64) return { type: "mouse", mouse: { kind: "wheelUp", ...at } };
  if (button === 65) return { type: "mouse", mouse: { kind: "wheelDown", ...at } };
  return pressed && button === 0 ? { type: "mouse", mouse: { kind: "press", ...at } } : null;
}
