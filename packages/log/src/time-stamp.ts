/** Writes times as ISO 8601 in UTC with microseconds. What is before the point is made anew only when the second changes. */
export class TimeStamp {
  #second = Number.NaN;
  #text = "";

  /** `2026-01-02T03:04:05.123456Z` for a time in microseconds since the epoch. */
  of(micros: number): string {
    const second = Math.floor(micros / 1e6);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1000).toISOString().slice(0, -"000Z".length);
    }
    return `${this.#text}${String(Math.floor(micros - second * 1e6)).padStart(6, "0")}Z`;
  }
}
