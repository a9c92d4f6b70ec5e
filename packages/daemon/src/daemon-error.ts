/** What keeps a daemon from starting, in one line for people: `cannot ‹verb› ‹thing› "‹name›": ‹cause› (‹errno›)`. */
export class DaemonError extends Error {
  /** Name of an errno ("EACCES"), or EBUSY where another daemon runs already. */
  readonly code: string;
  /** The process that is in the way, where it is known. */
  readonly holder: number | null;

  constructor(message: string, code: string, holder: number | null = null) {
    super(message);
    this.name = "DaemonError";
    this.code = code;
    this.holder = holder;
  }
}
