import { readSync, writeSync } from "node:fs";

/** So many runs can be about to be spawned at once; then places are used again. */
const PLACES = 65_536;
const BYTES = 4;

/**
 * A file in memory in which each child notes its PID at its birth (`SpawnRequest.birth`), and we that its stop has begun: then the number stands there
 * below 0. The keeper has it too; every supervisor goes on with it.
 */
export interface Births {
  readonly fd: number;
  /** The next place, in bytes, with nothing noted at it. */
  nextPlace(): number;
  /** The PID that was noted; 0: none. */
  at(place: number): number;
  noteStop(place: number, pid: number): void;
  stopNotedAt(place: number): boolean;
}

/** `used`: the place that was given out last, -1 where there was none. The descriptor stays the caller's. */
export function openBirths(fd: number, used: number): Births {
  let place = used;
  const noted = new Int32Array(1);
  const read = (asked: number): number =>
    readSync(fd, noted, 0, BYTES, asked) === BYTES ? (noted[0] ?? 0) : 0;
  const write = (asked: number, number: number): void =>
    void writeSync(fd, Int32Array.of(number), 0, BYTES, asked);
  return {
    fd,
    nextPlace: () => {
      place = place < 0 ? 0 : (place + BYTES) % (PLACES * BYTES);
      write(place, 0);
      return place;
    },
    at: (asked) => Math.abs(read(asked)),
    noteStop: (asked, pid) => write(asked, -pid),
    stopNotedAt: (asked) => read(asked) < 0,
  };
}
