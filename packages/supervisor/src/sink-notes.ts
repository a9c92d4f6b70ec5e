import { sinksOf, type LogSink, type ServiceSpec } from "@supervise/model";

/** Where the lines of a service go, and what happens where that cannot keep up, as a sentence for `why`. Nothing where they go nowhere but to the terminal, as is usual. */
export function sinkNotes(spec: ServiceSpec | undefined): readonly string[] {
  const texts = spec === undefined ? [] : sinkTexts(spec);
  return texts.length === 0 ? [] : [`its lines go to ${texts.join("; ")}`];
}

/** Each of its sinks, as `why` and `status --json` have them. */
export function sinkTexts({ logging }: ServiceSpec): readonly string[] {
  return sinksOf(logging).flatMap((sink) =>
    sink.driver === "none" && sink.mode === undefined ? [] : sinkText(sink),
  );
}

function sinkText(sink: LogSink): string {
  const drops = sink.mode === "non-blocking" ? ", and it never waits for that" : "";
  switch (sink.driver) {
    case "none":
      return `standard output${drops}`;
    case "file":
      return sink.mode === "non-blocking"
        ? `the file "${sink.path}"; what it cannot take, over ${sink.maxBufferBytes ?? 0} bytes, is left out and counted`
        : `the file "${sink.path}", for which it waits`;
    case "direct":
      return `the file "${sink.path}", by its own hand`;
    case "syslog": {
      const { address } = sink;
      const where =
        address.kind === "unix" ? address.path : `udp://${address.host}:${address.port}`;
      return `the syslog daemon at "${where}"${drops}`;
    }
    case "service":
      return sink.mode === "non-blocking"
        ? `service "${sink.service}"; what it cannot take, over ${sink.maxBufferBytes} bytes, is left out and counted`
        : `service "${sink.service}", for which it waits`;
  }
}
