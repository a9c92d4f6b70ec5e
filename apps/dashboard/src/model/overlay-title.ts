import { visible } from "../text/visible.js";
import { widthOf } from "../text/width.js";
import type { Overlay } from "./model.js";
import { isSound } from "./proposal.js";
import type { Proposal } from "./proposal.js";

/** A key that answers, and what it does in a word. */
export interface Answer {
  readonly key: string;
  readonly name: string;
  readonly meaning: string;
}

/** What a frame or a question says, and behind it what may be answered. */
export interface Title {
  readonly text: string;
  readonly answers: readonly Answer[];
}

const YES = answer("y", "yes");
const NO = answer("n", "no");

/** Of what lies over the panes; of a prompt there is none: its text is typed. */
export function overlayTitle(overlay: Exclude<Overlay, { kind: "prompt" }>): Title {
  switch (overlay.kind) {
    case "confirm":
      return { text: visible(overlay.question), answers: [YES, NO] };
    case "help":
      return { text: "keys (j and k scroll)", answers: [answer("q", "close")] };
    case "changes":
      return changesTitle(overlay.proposal);
    case "files": {
      const answers = [answer("enter", "edit"), answer("escape", "none", "esc")];
      return { text: "edit which file?", answers };
    }
    case "signals": {
      const { names } = overlay;
      const whom = names.length === 1 ? `"${names[0] ?? ""}"` : `${names.length} services`;
      const answers = [answer("enter", "send"), answer("escape", "no", "esc")];
      return { text: `send ${visible(whom)} a signal`, answers };
    }
    case "palette":
      return { text: `: ${visible(overlay.text)}`, answers: [] };
  }
}

/** As it is written. */
export function titleText({ text, answers }: Title): string {
  return [text, ...answers.map(answerText)].join("  ");
}

/** The key of the answer in this column of the written title; null: there is none. */
export function answerAt({ text, answers }: Title, column: number): string | null {
  let from = widthOf(text) + 2;
  for (const one of answers) {
    const width = widthOf(answerText(one));
    if (column >= from && column < from + width) return one.key;
    from += width + 2;
  }
  return null;
}

function answerText({ name, meaning }: Answer): string {
  return `${name}: ${meaning}`;
}

function answer(key: string, meaning: string, name: string = key): Answer {
  return { key, name, meaning };
}

function changesTitle(proposal: Proposal): Title {
  const edited = proposal.edit !== null;
  const on = edited ? [answer("e", "edit on")] : [];
  if (!isSound(proposal))
    return {
      text: "not to be applied",
      answers: [...on, answer("n", edited ? "throw away" : "close")],
    };
  const what = edited ? "the edit" : "the configuration as it is now";
  return { text: `apply ${what}?`, answers: [YES, ...on, NO] };
}
