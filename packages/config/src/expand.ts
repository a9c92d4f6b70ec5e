import { extname } from "node:path";
import type { Dependency, LoggingSpec, LogSink, ServiceSpec } from "@supervise/model";
import type { Draft } from "./draft.js";
import { replicaName } from "./graph.js";
import type { ServiceBase } from "./service-spec.js";

/** The replicas of a service. `extra` gives variables of one replica that `environment` and env_file do not set. */
export function expandReplicas(
  draft: Draft,
  base: ServiceBase,
  dependencies: readonly Dependency[],
  environmentOf: (replica: number) => Readonly<Record<string, string>>,
): readonly ServiceSpec[] {
  const { scale } = draft.fields;
  return Array.from({ length: scale }, (_, index): ServiceSpec => {
    const replica = index + 1;
    const environment = environmentOf(replica);
    return {
      name: replicaName(draft, replica),
      replica,
      ...base,
      process:
        environment === base.process.environment ? base.process : { ...base.process, environment },
      dependencies,
      logging: scale > 1 ? numbered(base.logging, replica) : base.logging,
    };
  });
}

/** `logs/web.log` of replica 2 is `logs/web-2.log`. */
function numbered(logging: LoggingSpec, replica: number): LoggingSpec {
  const { also, ...first } = logging;
  return {
    ...numberedSink(first, replica),
    ...(also === undefined ? {} : { also: also.map((sink) => numberedSink(sink, replica)) }),
  };
}

function numberedSink<T extends LogSink>(sink: T, replica: number): T {
  if (sink.driver !== "file" && sink.driver !== "direct") return sink;
  const extension = extname(sink.path);
  const stem = sink.path.slice(0, sink.path.length - extension.length);
  return { ...sink, path: `${stem}-${replica}${extension}` };
}
