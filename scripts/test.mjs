// npm test: installs, then runs every check and every test, as CI does.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { install } from "./install.mjs";
import { root } from "./workspace.mjs";

install();
const checked = spawnSync(
  process.execPath,
  [join(root, "scripts/check.mjs"), ...process.argv.slice(2)],
  { stdio: "inherit", cwd: root },
);
process.exit(checked.status ?? 1);
