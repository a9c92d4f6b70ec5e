import { z } from "zod";
import { maskPatterns } from "./mask.js";
import { projectName, restartBurst, serviceShape, syslogSocket, syslogStream } from "./schema.js";

/** JSON Schema (draft 2020-12) of a configuration file, as it is written: before defaults and conversions. */
export function createJsonSchema(): object {
  const extension = { patternProperties: { "^x-": {} } };
  const service = z
    .strictObject(serviceShape)
    .partial({})
    .meta({ id: "service", title: "Service", ...extension });
  const file = z
    .strictObject({
      name: projectName.optional(),
      services: z.record(z.string(), service).meta({
        description: "What to run, by name.",
        propertyNames: { pattern: "^[a-zA-Z0-9_][a-zA-Z0-9._-]*$" },
      }),
      restart_burst: restartBurst.optional(),
      syslog: syslogSocket.optional(),
      syslog_stream: syslogStream.optional(),
      mask: maskPatterns.optional(),
      logging: serviceShape.logging.optional().meta({
        description: "For all services; what a service says itself is merged over it.",
      }),
      version: z
        .unknown()
        .meta({ description: "Obsolete; has no effect.", deprecated: true })
        .optional(),
    })
    .meta({ title: "supervise.yaml", ...extension });
  return z.toJSONSchema(file, { io: "input", target: "draft-2020-12" });
}
