// A reporter for node:test: one line for each file, everything about what failed, why something was skipped.
import { relative } from "node:path";
import { inspect } from "node:util";

function indent(text) {
  return text.replaceAll(/^/gm, "    ");
}

function describeError(error) {
  // node:test wraps what the test threw; the wrapper says only that it failed.
  const cause = error?.cause ?? error;
  return typeof cause === "string" ? cause : inspect(cause, { depth: 5 });
}

// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter as the default export.
export default async function* report(source) {
  const trail = [];
  let current;
  for await (const { type, data } of source) {
    if (type === "test:stderr" || type === "test:stdout") yield data.message;
    if (type === "test:start") trail[data.nesting] = data.name;
    if (type !== "test:pass" && type !== "test:fail") continue;
    const file = data.file ? relative(process.cwd(), data.file) : data.name;
    if (current?.file !== file) {
      if (current) yield closeFile(current);
      current = { file, passed: 0, failed: 0, skipped: 0, ms: 0 };
    }
    if (data.nesting === 0) current.ms += data.details?.duration_ms ?? 0;
    const name = [...trail.slice(0, data.nesting), data.name].join(" > ");
    const suite = data.details?.type === "suite";
    if (type === "test:fail" && suite && data.details.error?.failureType === "subtestsFailed")
      continue;
    if (type === "test:fail") {
      current.failed++;
      yield `not ok: ${file}: ${name}\n${indent(describeError(data.details?.error))}\n`;
    } else if (data.skip !== undefined) {
      current.skipped++;
      yield `skipped: ${file}: ${name}${typeof data.skip === "string" ? ` (${data.skip})` : ""}\n`;
    } else if (!suite) current.passed++;
  }
  if (current) yield closeFile(current);
}

function closeFile({ file, passed, failed, skipped, ms }) {
  const rest = `${failed > 0 ? `, ${failed} failed` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  return `${failed > 0 ? "not ok" : "ok"} ${file}: ${passed} passed${rest} (${Math.round(ms)} ms)\n`;
}
