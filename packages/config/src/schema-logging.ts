import * as zlib from "node:zlib";
import type { Compression } from "@supervise/model";
import { z } from "zod";
import type { LoggingFields } from "./fields.js";
import { leaf, refuse, text, whole, word } from "./schema-leaf.js";
import { choice, object } from "./schema-shapes.js";
import { byteSize, duration, path } from "./schema-values.js";
import { syslogOptions } from "./schema-syslog.js";
import { suggestion } from "./suggest.js";

const drivers = ["file", "direct", "syslog", "service", "none"] as const;
const formats = ["plain", "json", "logfmt", "raw"] as const;

function compression(): z.ZodType<Compression | null> {
  const allowed = "true, false, gzip or zstd";
  return leaf<Compression | null>(
    allowed,
    ["string", "boolean"],
    { enum: [true, false, "gzip", "zstd"] },
    (value) => {
      const found = String(value).toLowerCase();
      if (found === "false") return null;
      if (found === "true" || found === "gzip") return "gzip";
      if (found !== "zstd") return refuse(null, suggestion(found, ["gzip", "zstd"]));
      return "createZstdCompress" in zlib
        ? "zstd"
        : refuse(`Node ${process.versions.node} has no zstd; 22.15 and later have it`);
    },
  );
}

function sink(): z.ZodType<LoggingFields> {
  const options = object(
    {
      mode: choice("blocking", ["blocking", "non-blocking"]).describe(
        "With any driver: what happens while standard output, a file or the service of driver service can't keep up. The service waits, or its lines are left out there and counted.",
      ),
      "max-buffer-size": byteSize()
        .optional()
        .describe(
          "With mode non-blocking, for driver file and service: so much waits for the file or the other service before lines are left out. Default: 1m.",
        ),
      stderr: choice("separate", ["separate", "stdout"]).describe(
        "With any driver but direct: stdout makes standard error the same pipe as standard output, which keeps their order, from the next run on.",
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
      format: word("plain, json, logfmt or raw", formats, (found) => suggestion(found, formats))
        .optional()
        .describe("How a row looks (docs/logs.md). Default: plain; with driver service: raw."),
      timestamps: choice("utc", ["utc", "local", "tai64n", "none"]).describe(
        "How the time stands in a row.",
      ),
      ...syslogOptions(),
      service: text("the name of a service", (found) => (found === "" ? refuse() : found))
        .optional()
        .describe("With driver service: whose standard input gets the lines."),
    },
    "a map with the options of the driver",
  );
  const driver = leaf<(typeof drivers)[number]>(
    "file, direct, syslog, service or none",
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
        "file, direct (the service writes to the file itself), syslog, service (standard input of another one) or none.",
      ),
      options: options.optional().describe("For the driver."),
    },
    "a map with driver and options",
  );
}

/** One sink as a map, or several as a list of such maps. */
export function logging(): z.ZodType<readonly LoggingFields[]> {
  const one = sink();
  const several = z.array(one, { error: "a list of maps with driver and options" });
  return z.union([one.transform((found): readonly LoggingFields[] => [found]), several], {
    error: "a map with driver and options, or a list of such maps",
  });
}
