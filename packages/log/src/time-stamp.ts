import type { TimeStampStyle } from "@supervise/model";

/** Writes times in microseconds since the epoch. */
export interface TimeStamp {
  of(micros: number): string;
}

/** What is the same for a second is made anew only when the second changes. */
class SecondStamp implements TimeStamp {
  readonly #before: (second: number) => string;
  readonly #behind: (second: number, micros: number) => string;
  #second = Number.NaN;
  #text = "";

  constructor(
    before: (second: number) => string,
    behind: (second: number, micros: number) => string,
  ) {
    this.#before = before;
    this.#behind = behind;
  }

  of(micros: number): string {
    const second = Math.floor(micros / 1e6);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = this.#before(second);
    }
    return this.#text + this.#behind(second, Math.floor(micros - second * 1e6));
  }
}

/** Stamps of a style; null: none. */
export function timeStamp(style: TimeStampStyle): TimeStamp | null {
  switch (style) {
    case "utc":
      return new SecondStamp(
        (second) => isoSeconds(second),
        (_, micros) => `.${sixDigits(micros)}Z`,
      );
    case "local":
      return new SecondStamp(
        (second) => isoSeconds(second - offsetMinutes(second) * 60),
        (second, micros) => `.${sixDigits(micros)}${offsetText(offsetMinutes(second))}`,
      );
    case "tai64n":
      return new SecondStamp(
        (second) => `@4${(second + taiOffsetSeconds).toString(16).padStart(15, "0")}`,
        (_, micros) => (micros * 1000).toString(16).padStart(8, "0"),
      );
    case "none":
      return null;
  }
}

/** What daemontools adds to Unix time, without a table of leap seconds (https://cr.yp.to/libtai/tai64.html). */
const taiOffsetSeconds = 10;

/** `2026-01-02T03:04:05`. */
function isoSeconds(second: number): string {
  return new Date(second * 1000).toISOString().slice(0, -".000Z".length);
}

function sixDigits(micros: number): string {
  return String(micros).padStart(6, "0");
}

/** West of Greenwich is positive. */
function offsetMinutes(second: number): number {
  return new Date(second * 1000).getTimezoneOffset();
}

function offsetText(minutesWest: number): string {
  const minutes = Math.abs(minutesWest);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${minutesWest > 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
