import { z } from "zod";
import type { HealthFields, ReadyFields, RestartDelayFields } from "./fields.js";
import { decimal, flag, leaf, refuse, whole } from "./schema-leaf.js";
import { choice, object } from "./schema-shapes.js";
import {
  command,
  descriptor,
  duration,
  healthTest,
  httpUrl,
  path,
  port,
  regularExpression,
} from "./schema-values.js";

export function healthcheck(): z.ZodType<HealthFields> {
  return object(
    {
      test: healthTest()
        .optional()
        .describe("A string for the shell, [CMD, word...], [CMD-SHELL, string] or [NONE]."),
      interval: duration(undefined, 1).prefault("30s").describe("Time between two probes."),
      timeout: duration(undefined, 1)
        .prefault("30s")
        .describe("A probe that takes longer has failed."),
      retries: whole("a whole number, 1 or more", 1, 1_000_000)
        .prefault(3)
        .describe("So many failures in a row make the service unhealthy."),
      start_period: duration()
        .prefault("0s")
        .describe("Failures this soon after the start do not count."),
      start_interval: duration(undefined, 1)
        .prefault("5s")
        .describe("Time between two probes during the start period."),
      disable: flag().prefault(false).describe("true: no probe at all."),
      on_unhealthy: choice("restart", ["restart", "none"]).describe(
        "What an unhealthy service triggers.",
      ),
    },
    "a map with test",
  );
}

export function ready(): z.ZodType<ReadyFields> {
  const yes = leaf<true>("true", ["string", "boolean"], { const: true }, (value) =>
    String(value) === "true" ? true : refuse(),
  );
  return object(
    {
      notify: yes.optional().describe("READY=1 on the notify socket (sd_notify(3))."),
      fd: descriptor().optional().describe("A newline written to this descriptor."),
      log: regularExpression()
        .optional()
        .describe("A line of output that this regular expression matches."),
      tcp: port()
        .optional()
        .describe("A TCP port that accepts connections: host:port, or a port on 127.0.0.1."),
      http: httpUrl().optional().describe("A URL that answers with a status from 200 to 399."),
      unix: path().optional().describe("A Unix socket that accepts connections."),
      file: path().optional().describe("A file that exists."),
      command: command().optional().describe("A command that ends with 0."),
      timeout: duration(undefined, 1)
        .prefault("60s")
        .describe("Not ready by then: the start has failed."),
      interval: duration(undefined, 1).prefault("50ms").describe("Time between two probes."),
    },
    "a map with one of notify, fd, log, tcp, http, unix, file, command",
  );
}

export function restartDelay(): z.ZodType<RestartDelayFields> {
  const fixed = duration().transform((ms): RestartDelayFields => ({
    initial: ms,
    factor: 1,
    max: ms,
    jitter: 0,
    reset_after: 10_000,
  }));
  const growing = object(
    {
      initial: duration().prefault("100ms").describe("First wait."),
      factor: decimal("a number from 1 to 100", 1, 100)
        .prefault(2)
        .describe("Each wait is so many times the one before."),
      max: duration().prefault("30s").describe("Longest wait."),
      jitter: decimal("a number from 0 to 1", 0, 1)
        .prefault(0.1)
        .describe("Spread of each wait, as a part of it."),
      reset_after: duration()
        .prefault("10s")
        .describe("A run that stayed up so long starts the series anew."),
    },
    "a duration, or a map with initial, factor, max, jitter and reset_after",
  );
  return z.union([fixed, growing], {
    error: "a duration, or a map with initial, factor, max, jitter and reset_after",
  });
}

export function restartLimit(): z.ZodType<{ readonly count: number; readonly window: number }> {
  return object(
    {
      count: whole("a whole number, 1 or more", 1, 1_000_000).describe("Restarts allowed."),
      window: duration(undefined, 1).describe("Within this time."),
    },
    "a map with count and window",
  );
}
