// A reporter for node:test: only the sums, as JSON, for run-tests.mjs.
// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter as the default export.
export default async function* report(source) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    const suite = data?.details?.type === "suite";
    // A suite fails with the test in it, which counts; on its own it fails by a hook.
    if (type === "test:fail")
      totals.failed += suite && data.details.error?.failureType === "subtestsFailed" ? 0 : 1;
    else if (type === "test:pass" && data.skip !== undefined) totals.skipped++;
    else if (type === "test:pass" && !suite) totals.passed++;
  }
  yield JSON.stringify(totals);
}
