import { syslogFacilities, syslogFacilityNumber, type SyslogAddress } from "@supervise/model";
import { z } from "zod";
import type { SyslogFormat } from "./fields.js";
import { leaf, refuse, text } from "./schema-leaf.js";
import type { Refusal } from "./schema-leaf.js";
import { choice } from "./schema-shapes.js";
import { suggestion } from "./suggest.js";

/** RFC 5426, section 3.3. */
const syslogPort = 514;
const allowedAddress = "such as unixgram:///dev/log, /dev/log or udp://host:514";

/** The options of the syslog driver, in the words of Docker. */
export function syslogOptions(): {
  readonly "syslog-address": z.ZodOptional<z.ZodType<SyslogAddress>>;
  readonly "syslog-facility": z.ZodOptional<z.ZodType<number>>;
  readonly "syslog-format": z.ZodOptional<z.ZodType<SyslogFormat>>;
  readonly tag: z.ZodOptional<z.ZodType<string>>;
} {
  return {
    "syslog-address": leaf(allowedAddress, ["string"], { type: "string" }, (value) =>
      readAddress(String(value)),
    )
      .optional()
      .describe("Where a syslog daemon listens. Default: unixgram:///dev/log."),
    "syslog-facility": leaf(
      "a facility of syslog(3) by its name or number",
      ["string", "number"],
      { type: ["string", "number"] },
      (value) => readFacility(String(value)),
    )
      .optional()
      .describe("Of lines that have none of their own. Default: daemon."),
    "syslog-format": choice("rfc3164", ["rfc3164", "rfc5424", "rfc5424micro"])
      .optional()
      .describe("rfc5424 and rfc5424micro are the same. Default: rfc3164."),
    tag: text("a name without spaces", (found) =>
      found.includes("{{")
        ? refuse("templates are not supported", "leave it out for the service's name")
        : /^[^\s:[\]]{1,48}$/.test(found)
          ? found
          : refuse("at most 48 characters, none of them a space, a colon or a bracket"),
    )
      .optional()
      .describe("Who speaks, in each message. Default: the service's name."),
  };
}

function readAddress(found: string): SyslogAddress | Refusal {
  const local = /^(?:unix(?:gram)?:\/\/)?(\/[^\0]*)$/.exec(found)?.[1];
  if (local !== undefined) return { kind: "unix", path: local };
  const scheme = /^([a-z+]+):/.exec(found)?.[1] ?? null;
  if (scheme === "tcp" || scheme === "tcp+tls")
    return refuse(`${scheme} is not supported`, "udp://host:514 is, and a local socket");
  const udp = /^udp:\/\/(?:\[([\da-fA-F:.%\w]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/.exec(found);
  const host = udp?.[1] ?? udp?.[2];
  const port = Number(udp?.[3] ?? syslogPort);
  return host === undefined || port < 1 || port > 65_535 ? refuse() : { kind: "udp", host, port };
}

function readFacility(found: string): number | Refusal {
  const number = /^\d{1,2}$/.test(found) ? Number(found) : syslogFacilityNumber(found);
  if (number !== null && number < syslogFacilities.length) return number;
  return refuse(null, suggestion(found, syslogFacilities));
}
