/** Whoever stopped reading because a sink could not take more. */
export interface PausedReader {
  /** There is room again. */
  resume(): void;
}
