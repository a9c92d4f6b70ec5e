/** `code` of an error whose message is the cause. It is known by that, not by its class: the parts of a bundle may each have their own. */
export const UNREADABLE = "UNREADABLE";

/** What a `ReadFile` throws of a file that can be opened and holds no text; the message is the cause, such as "line 3 is not UTF-8". */
export class UnreadableText extends Error {
  override readonly name = "UnreadableText";
  readonly code: string = UNREADABLE;
}
