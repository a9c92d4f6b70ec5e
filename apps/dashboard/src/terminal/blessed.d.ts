/** The part of blessed 0.1.81 that is used here. */
declare module "blessed/lib/widgets/screen.js" {
  import type { EventEmitter } from "node:events";

  interface Tput {
    unicode: boolean;
    brokenACS: boolean;
    readonly colors: number;
    readonly strings: Readonly<Record<string, string | undefined>>;
  }
  interface Program extends EventEmitter {
    readonly cols: number;
    readonly rows: number;
    hideCursor(): void;
    showCursor(): void;
    cup(y: number, x: number): void;
    clear(): void;
    /** Behind what is held back until `flush`. */
    echo(text: string): void;
    flush(): void;
  }
  /** Attribute and character; the line is drawn where it is marked as dirty. */
  type Cell = [attribute: number, character: string];
  interface Screen extends EventEmitter {
    readonly program: Program;
    readonly tput: Tput;
    readonly lines: (Cell[] & { dirty: boolean })[];
    /** What the terminal shows, as far as blessed knows. */
    readonly olines: Cell[][];
    readonly destroyed?: boolean;
    enter(): void;
    leave(): void;
    alloc(): void;
    draw(start: number, end: number): void;
    destroy(): void;
  }
  interface ScreenOptions {
    readonly input: NodeJS.ReadableStream;
    readonly output: NodeJS.WritableStream;
    readonly terminal?: string;
    readonly forceUnicode: boolean;
  }
  const createScreen: (options: ScreenOptions) => Screen;
  export default createScreen;
  export type { Cell, Screen, ScreenOptions };
}
