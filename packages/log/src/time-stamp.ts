/** Length of `2026-01-02T03:04:05.123456Z`. */
export const timeStampBytes = 27;

const secondsBytes = 20;
const zero = 48;

/** Writes times as ISO 8601 in UTC with microseconds. The part before the microseconds is made anew only when the second changes. */
export class TimeStamp {
  readonly bytes: Buffer = Buffer.alloc(timeStampBytes, "Z");
  #second = Number.NaN;

  /** Fills `bytes` for a time in microseconds since the epoch. */
  set(micros: number): Buffer {
    const second = Math.floor(micros / 1e6);
    if (second !== this.#second) {
      this.#second = second;
      this.bytes.write(new Date(second * 1000).toISOString(), 0, secondsBytes, "latin1");
    }
    let rest = micros - second * 1e6;
    for (let index = timeStampBytes - 2; index >= secondsBytes; index -= 1) {
      this.bytes[index] = zero + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return this.bytes;
  }
}
