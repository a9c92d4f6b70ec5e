/** Merges a stream into "something came": a reader that takes long over each look is not made to look once for each item. */
export interface News {
  /** Resolves with true once anything has come since the last call, with false at the stream's end. Rejects as the stream did. */
  next(): Promise<boolean>;
  /** The stream has ended as it should, and the last call of `next` has said so. */
  readonly ended: boolean;
}

/** Reads the stream from now on; it ends by its own means. */
export function mergeNews(stream: AsyncIterable<unknown>): News {
  let came = false;
  let over = false;
  let ended = false;
  let problem: { readonly error: unknown } | null = null;
  let wake: () => void = () => undefined;
  const read = async (): Promise<void> => {
    try {
      for await (const _ of stream) {
        came = true;
        wake();
      }
    } catch (error) {
      problem = { error };
    }
    over = true;
    wake();
  };
  void read();
  return {
    async next() {
      if (!came && !over) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (came) {
        came = false;
        return true;
      }
      if (problem !== null) throw problem.error;
      ended = true;
      return false;
    },
    get ended() {
      return ended;
    },
  };
}
