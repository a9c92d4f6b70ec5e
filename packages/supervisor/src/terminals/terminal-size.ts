import type { TerminalSize } from "@supervise/model";
import type { Kernel } from "@supervise/sys";

/**
 * Between two sizes that only make a program draw anew, in milliseconds. Some (less) miss a SIGWINCH that comes while they handle another, and stay as small as the first
 * has told them.
 */
const NOTICED_MS = 50;

/** Whose size a terminal has: of those who are attached, the one who attached or was resized last. When they leave, that of the one before; the last one's stays. */
export class SharedSize {
  readonly #kernel: Pick<Kernel, "resizePty">;
  readonly #fd: number;
  /** The latest stands last. */
  #views: readonly { readonly id: number; readonly size: TerminalSize }[] = [];
  /** Null: none that anybody wants. */
  #now: TerminalSize | null = null;
  #wanted: TerminalSize | null = null;
  #later: NodeJS.Timeout | undefined;

  /** `fd`: the terminal or its controller. */
  constructor(kernel: Pick<Kernel, "resizePty">, fd: number) {
    this.#kernel = kernel;
    this.#fd = fd;
  }

  /** One who has just attached sees nothing of what was drawn before: the size changes in any case, for a moment if need be, so that programs that draw do it anew (SIGWINCH). */
  attach(id: number, size: TerminalSize): void {
    const { columns, rows } = size;
    if (this.#now?.columns !== columns || this.#now.rows !== rows) return this.resize(id, size);
    this.#kernel.resizePty(this.#fd, columns, rows > 1 ? rows - 1 : rows + 1);
    this.#now = null;
    this.#look(id, size);
    this.#later = setTimeout(() => this.#apply(), NOTICED_MS);
  }

  resize(id: number, size: TerminalSize): void {
    this.#look(id, size);
    this.#apply();
  }

  leave(id: number): void {
    this.#views = this.#views.filter((view) => view.id !== id);
    this.#apply();
  }

  #look(id: number, size: TerminalSize): void {
    this.#views = [...this.#views.filter((view) => view.id !== id), { id, size }];
  }

  #apply(): void {
    clearTimeout(this.#later);
    const size = this.#views.at(-1)?.size ?? this.#wanted;
    if (size === null) return;
    this.#wanted = size;
    if (this.#now?.columns === size.columns && this.#now.rows === size.rows) return;
    this.#kernel.resizePty(this.#fd, size.columns, size.rows);
    this.#now = size;
  }
}
