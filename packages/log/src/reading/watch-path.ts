import { existsSync, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

import { inodeOf } from "./opened-file.js";

/**
 * Calls `news` whenever something may have happened to the file at `path` or to one whose name begins with its name, also where its directory is yet to be made, or is made anew. Nothing is polled: the kernel
 * tells (inotify). `news` is called once at the beginning, as something may have happened before. Throws the error of inotify_add_watch(2).
 */
export class PathWatch {
  readonly #path: string;
  readonly #news: () => void;
  #watcher: FSWatcher | null = null;
  #directory = "";
  #inode: number | null = null;

  constructor(path: string, news: () => void) {
    this.#path = path;
    this.#news = news;
    this.#begin();
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  /** Watches the nearest directory above that is there. */
  #begin(): void {
    this.close();
    let directory = dirname(this.#path);
    while (!existsSync(directory) && dirname(directory) !== directory)
      directory = dirname(directory);
    this.#directory = directory;
    this.#inode = inodeOf(directory);
    const own = directory === dirname(this.#path) ? basename(this.#path) : null;
    this.#watcher = watch(directory, (_, name) => this.#changed(name, own));
    this.#watcher.on("error", () => this.#news());
    // The directory below may have been made just before the watch began.
    if (own === null && existsSync(this.#below())) this.#begin();
    else this.#news();
  }

  #changed(name: string | null, own: string | null): void {
    if (own === null || inodeOf(this.#directory) !== this.#inode) this.#begin();
    else if (name === null || name.startsWith(own)) this.#news();
  }

  /** The directory within the watched one that leads to the file. */
  #below(): string {
    let below = dirname(this.#path);
    while (dirname(below) !== this.#directory && dirname(below) !== below) below = dirname(below);
    return below;
  }
}
