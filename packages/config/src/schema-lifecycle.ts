import * as zlib from "node:zlib";
import type { Compression } from "@supervise/model";
import { z } from "zod";
import type { HealthFields, LoggingFields, ReadyFields, RestartDelayFields } from "./fields.js";
import { decimal, flag, leaf, refuse, whole } from "./schema-leaf.js";
import { choice, object } from "./schema-shapes.js";
import {
  byteSize,
  command,
  descriptor,
  duration,
  healthTest,
  httpUrl,
  path,
  port,
  regularExpression,
} from "./schema-values.js";
import { syslogOptions } from "./schema-syslog.js";
import { suggestion } from "./suggest.js";

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

function compression(): z.ZodType<Compression | null> {
  const allowed = "true, false, gzip or zstd";
  return leaf<Compression | null>(
    allowed,
    ["string", "boolean"],
    { enum: [true, false, "gzip", "zstd"] },
    (value) => {
      const word = String(value).toLowerCase();
      if (word === "false") return null;
      if (word === "true" || word === "gzip") return "gzip";
      if (word !== "zstd") return refuse(null, suggestion(word, ["gzip", "zstd"]));
      return "createZstdCompress" in zlib
        ? "zstd"
        : refuse(`Node ${process.versions.node} has no zstd; 22.15 and later have it`);
    },
  );
}

export function logging(): z.ZodType<LoggingFields> {
  const options = object(
    {
      mode: choice("blocking", ["blocking", "non-blocking"]).describe(
        "With any driver: what happens while standard output can't keep up. The service waits, or its lines are left out there and counted.",
      ),
      stderr: choice("separate", ["separate", "stdout"]).describe(
        "With driver file, syslog or none: stdout makes standard error the same pipe as standard output, which keeps their order, from the next run on.",
      ),
      path: path()
        .optional()
        .describe(
          "File, relative to the directory of the first file; with / at its end a directory, and the file is NAME.log there. With scale over 1, -N is put before its extension.",
        ),
      "max-size": byteSize()
        .optional()
        .describe("The file is rotated before it grows over this size. Default: never."),
      "max-age": duration(undefined, 1000)
        .optional()
        .describe(
          "The file is rotated with the first line after it has become so old. Default: never.",
        ),
      "max-total-size": byteSize()
        .optional()
        .describe(
          "All log files together, those of other services and older ones included, have at most this size: the oldest are deleted.",
        ),
      compress: compression()
        .prefault(false)
        .describe("Rotated files are compressed: true (gzip), gzip, zstd or false."),
      "max-file": whole("a whole number from 1 to 1000", 1, 1000)
        .prefault(5)
        .describe("Files kept, the current one included."),
      format: choice("plain", ["plain", "json", "logfmt", "raw"]).describe(
        "How a row looks (docs/logs.md).",
      ),
      timestamps: choice("utc", ["utc", "local", "tai64n", "none"]).describe(
        "How the time stands in a row.",
      ),
      ...syslogOptions(),
    },
    "a map with the options of the driver",
  );
  const drivers = ["file", "direct", "syslog", "none"] as const;
  const driver = leaf<(typeof drivers)[number]>(
    "file, direct, syslog or none",
    ["string"],
    { enum: [...drivers] },
    (value) => {
      const found = drivers.find((one) => one === value);
      if (found !== undefined) return found;
      if (value === "json-file" || value === "journald")
        return refuse(`"${value}" is not supported yet`);
      return refuse(null, suggestion(String(value), drivers));
    },
  );
  return object(
    {
      driver: driver.describe(
        "file, direct (the service writes to the file itself), syslog or none.",
      ),
      options: options.optional().describe("For the driver."),
    },
    "a map with driver and options",
  );
}
