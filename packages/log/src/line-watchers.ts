import type { Channel } from "./channel.js";
import type { LineBatch } from "./line-batch.js";
import { LineWatcher } from "./line-watcher.js";

/** Whoever waits for a line of a run. They are told once the lines are in all sinks. */
export class LineWatchers {
  #matches: (() => void)[] = [];

  /** Returns the undo. */
  add(channel: Channel, run: number, pattern: RegExp, onMatch: (text: string) => void): () => void {
    const watcher = new LineWatcher(run, pattern, onMatch);
    channel.watchers = [...(channel.watchers ?? []), watcher];
    return () => {
      watcher.ended = true;
      const left = channel.watchers?.filter((other) => other !== watcher) ?? [];
      channel.watchers = left.length === 0 ? null : left;
    };
  }

  look({ watchers }: Channel, batch: LineBatch): void {
    if (watchers === null) return;
    for (const watcher of watchers)
      if (watcher.run === batch.run) watcher.look(batch, this.#matches);
  }

  tell(): void {
    if (this.#matches.length === 0) return;
    const matches = this.#matches;
    this.#matches = [];
    for (const match of matches) match();
  }
}
