export { LogFileError } from "./file-problem.js";
export { foldFields } from "./fold-fields.js";
export { followFiles } from "./follow-files.js";
export { jsonFields, levelOfLine, levelOfName, plainLevel } from "./line-level.js";
export { mergeRows } from "./merge-rows.js";
export { ServiceReading } from "./service-reading.js";
export { verifyFiles } from "./verify-files.js";
export { PathWatch } from "./watch-path.js";
