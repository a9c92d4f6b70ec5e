/** Looks for the keys that leave a service among what is typed. */
export class DetachKeys {
  readonly #keys: Buffer;
  #matched = 0;

  /** Empty: nothing that is typed leaves. */
  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  /**
   * What is to be passed on of `typed`; what may be the beginning of the keys is held back until it is known. `left`: they were typed, and the rest is nobody's.
   */
  feed(typed: Uint8Array): { readonly passed: Buffer; readonly left: boolean } {
    const passed: number[] = [];
    for (const byte of typed) {
      while (this.#matched > 0 && this.#keys[this.#matched] !== byte) this.#giveBack(passed);
      if (this.#keys.length > 0 && this.#keys[this.#matched] === byte) this.#matched += 1;
      else passed.push(byte);
      if (this.#matched === this.#keys.length && this.#matched > 0) {
        this.#matched = 0;
        return { passed: Buffer.from(passed), left: true };
      }
    }
    return { passed: Buffer.from(passed), left: false };
  }

  /** What is held is no beginning of the keys after all, unless a later part of it is: of "aab", typed "aaab". */
  #giveBack(passed: number[]): void {
    const held = this.#keys.subarray(0, this.#matched);
    let longest = held.length - 1;
    while (longest > 0 && !held.subarray(held.length - longest).equals(held.subarray(0, longest)))
      longest -= 1;
    passed.push(...held.subarray(0, held.length - longest));
    this.#matched = longest;
  }
}
