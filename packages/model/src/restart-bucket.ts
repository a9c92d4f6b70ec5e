import type { Configuration } from "./spec.js";

/**
 * Tokens for restarts by policy, shared by all services. It may owe: a service that finds it empty takes the next token there will be and
 * waits for it alone, so that a storm of n services is n wake-ups, evenly spaced, and not a race that all but one lose each time.
 */
export interface RestartBucket {
  /** Below 0: so many are promised. */
  readonly tokens: number;
  readonly atMs: number;
}

/** Milliseconds until a token is there (0: now), and the bucket without it. A rate that is not positive means no limit. */
export function takeToken(
  bucket: RestartBucket,
  limits: Configuration["restartBucket"],
  nowMs: number,
): readonly [bucket: RestartBucket, waitMs: number] {
  if (!(limits.refillPerSecond > 0)) return [bucket, 0];
  const refilled =
    bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * limits.refillPerSecond) / 1000;
  const tokens = Math.min(limits.capacity, refilled) - 1;
  const waitMs = tokens >= 0 ? 0 : Math.ceil((-tokens * 1000) / limits.refillPerSecond);
  return [{ tokens, atMs: Math.max(nowMs, bucket.atMs) }, waitMs];
}
