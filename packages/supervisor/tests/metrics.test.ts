import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceStatus } from "@supervise/model";
import { metricsText } from "#supervisor/metrics.js";
import type { MetricsInput } from "#supervisor/metrics.js";

const input: MetricsInput = {
  services: [{ name: 'a"b\\c\nd', state: "up", ready: true, run: 3, restarts: 2 } as ServiceStatus],
  usages: [{ name: "web", processes: 2, openFiles: 9, residentBytes: 4096, cpuMs: 1250 }],
  orphansReaped: 7,
  syslog: { received: 9, strange: 2 },
  generation: 4,
  startedAtMs: 1_500,
};
const text = metricsText(input);

test("each sample stands under its family's help and type, and the text ends with a newline", () => {
  assert.ok(text.endsWith("\n"));
  let family = "";
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("# HELP ")) family = line.split(" ")[2] ?? "";
    else if (line.startsWith("# TYPE "))
      assert.match(line, new RegExp(`^# TYPE ${family} (gauge|counter)$`));
    else assert.match(line, new RegExp(`^${family}(\\{.*\\})? [0-9.]+$`));
  }
});

test("quotes, backslashes and newlines of a label are escaped", () => {
  assert.ok(text.includes('supervise_service_runs_total{service="a\\"b\\\\c\\nd"} 3\n'));
});

test("exactly one state of a service is 1", () => {
  const ones = text.split("\n").filter((line) => /^supervise_service_state\{.* 1$/.test(line));
  assert.equal(ones.length, 1);
  assert.match(ones[0] ?? "", /state="up"/);
});

test("numbers of the supervisor are told in their units", () => {
  assert.ok(text.includes("\nsupervise_start_time_seconds 1.5\n"));
  assert.ok(text.includes("\nsupervise_orphans_reaped_total 7\n"));
  assert.ok(text.includes("\nsupervise_generation 4\n"));
  assert.ok(text.includes("\nsupervise_syslog_messages_total 9\n"));
  assert.ok(text.includes("\nsupervise_syslog_strange_total 2\n"));
});

test("what services use is told in seconds and bytes, and only where it was asked for", () => {
  assert.ok(text.includes('\nsupervise_service_processes{service="web"} 2\n'));
  assert.ok(text.includes('\nsupervise_service_cpu_seconds{service="web"} 1.25\n'));
  assert.ok(text.includes('\nsupervise_service_resident_bytes{service="web"} 4096\n'));
  assert.ok(text.includes('\nsupervise_service_open_files{service="web"} 9\n'));
  assert.ok(!metricsText({ ...input, usages: null }).includes("resident"));
});
