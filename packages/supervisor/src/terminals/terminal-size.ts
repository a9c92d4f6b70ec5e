import type { TerminalSize } from "@supervise/model";
import type { Kernel } from "@supervise/sys";

/** Whose size a terminal has: of those who are attached, the one who attached or was resized last. When they leave, that of the one before; the last one's stays. */
export class SharedSize {
  readonly #kernel: Pick<Kernel, "resizePty">;
  readonly #fd: number;
  /** The latest stands last. */
  #views: readonly { readonly id: number; readonly size: TerminalSize }[] = [];
  #now: TerminalSize | null = null;

  /** `fd`: the terminal or its controller. */
  constructor(kernel: Pick<Kernel, "resizePty">, fd: number) {
    this.#kernel = kernel;
    this.#fd = fd;
  }

  /** One who has just attached sees nothing of what was drawn before: the size changes in any case, so that programs that draw do it anew (SIGWINCH). */
  attach(id: number, size: TerminalSize): void {
    const { columns, rows } = size;
    if (this.#now?.columns === columns && this.#now.rows === rows)
      this.#kernel.resizePty(this.#fd, columns, rows > 1 ? rows - 1 : rows + 1);
    this.#now = null;
    this.resize(id, size);
  }

  resize(id: number, size: TerminalSize): void {
    this.#views = [...this.#views.filter((view) => view.id !== id), { id, size }];
    this.#apply();
  }

  leave(id: number): void {
    this.#views = this.#views.filter((view) => view.id !== id);
    this.#apply();
  }

  #apply(): void {
    const size = this.#views.at(-1)?.size;
    if (size === undefined) return;
    if (this.#now?.columns === size.columns && this.#now.rows === size.rows) return;
    this.#kernel.resizePty(this.#fd, size.columns, size.rows);
    this.#now = size;
  }
}
