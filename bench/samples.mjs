// @ts-check
import { summarize } from "./statistics.mjs";

/**
 * @typedef {object} Figure what one sample is of
 * @property {string} scenario
 * @property {number} count of services
 * @property {string} metric
 * @property {string} peer
 */

/** Everything measured in one run of the bench. */
export class Samples {
  /** @type {Map<string, Figure & { values: number[] }>} */
  #figures = new Map();
  /** @type {{ peer: string, count: number, message: string }[]} */
  #failures = [];

  /**
   * @param {Figure} figure
   * @param {number} value
   */
  add(figure, value) {
    const key = JSON.stringify([figure.scenario, figure.count, figure.metric, figure.peer]);
    const known = this.#figures.get(key);
    if (known === undefined) this.#figures.set(key, { ...figure, values: [value] });
    else known.values.push(value);
  }

  /**
   * A life that did not go as it should: its peer has no figures for that number of services.
   *
   * @param {string} peer
   * @param {number} count
   * @param {string} message
   */
  fail(peer, count, message) {
    this.#failures.push({ peer, count, message });
  }

  /** @param {Figure} figure */
  summary({ scenario, count, metric, peer }) {
    const found = this.#figures.get(JSON.stringify([scenario, count, metric, peer]));
    return found === undefined ? undefined : summarize(found.values);
  }

  /** @param {Figure} figure */
  median(figure) {
    return this.summary(figure)?.median;
  }

  get failures() {
    return this.#failures;
  }

  figures() {
    return [...this.#figures.values()].map((figure) => ({
      ...figure,
      ...summarize(figure.values),
    }));
  }
}
