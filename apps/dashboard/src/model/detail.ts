/** What was asked about the selected process, and of which one the answer is. */
export interface Detail {
  /** The service. Null: nothing was answered yet. */
  readonly name: string | null;
  /** Sentences of `why`. */
  readonly why: readonly string[];
}
