const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DURATION = /^(?:[0-9]+(?:\.[0-9]+)?(?:us|µs|ms|s|m|h|d|w))+$/;
const DURATION_PART = /([0-9]+(?:\.[0-9]+)?)(us|µs|ms|s|m|h|d|w)/g;
/** The longest wait that a timer of 31 bits can hold: 24 days. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/**
 * Milliseconds of a duration as Compose writes it ("1m30s", "500ms", "1.5s", "0s"), rounded to whole ones. Null: not a
 * duration, or longer than 2^31-1 ms (24 days).
 */
export function parseDuration(text: string): number | null {
  if (!DURATION.test(text)) return null;
  let total = 0;
  for (const [, number, unit] of text.matchAll(DURATION_PART))
    total += Number(number) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  const rounded = Math.round(total);
  return rounded <= MAX_DURATION_MS ? rounded : null;
}

const BYTES = /^([0-9]+(?:\.[0-9]+)?)\s*(b|k|kb|kib|m|mb|mib|g|gb|gib|t|tb|tib)?$/i;
const POWERS = "bkmgt";

/** Bytes of a size as Compose writes it ("10m", "1gb", "512"; units are powers of 1024). Null: not a size, or not a safe integer. */
export function parseByteSize(text: string): number | null {
  const match = BYTES.exec(text);
  if (match === null) return null;
  const power = POWERS.indexOf((match[2] ?? "b").charAt(0).toLowerCase());
  const bytes = Math.floor(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
