// Loaded before each test file: a warning of the process (a listener leak, a deprecated call) fails the run.
process.on("warning", (warning) => {
  if (warning.name === "ExperimentalWarning") return;
  throw warning;
});
