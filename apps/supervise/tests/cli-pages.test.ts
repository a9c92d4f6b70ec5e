import { equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { VERBS } from "#supervise/verbs.js";

const script = fileURLToPath(new URL("../../scripts/command-pages.mjs", import.meta.url));
const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url));

test("the pages of the verbs have the usage and the options that the verbs have", () => {
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  equal(stderr, "");
  equal(status, 0);
});

test("every verb has a page, and every page that a page names is there", () => {
  const pages = readdirSync(`${docs}commands`);
  for (const { name } of VERBS) ok(pages.includes(`${name}.md`), name);
  for (const page of ["README.md", ...pages.map((name) => `commands/${name}`)]) {
    const folder = page.startsWith("commands/") ? `${docs}commands/` : docs;
    for (const [, link = ""] of readFileSync(`${docs}${page}`, "utf8").matchAll(
      /\]\(([^)#]+\.md)\)/g,
    )) {
      match(readFileSync(`${folder}${link}`, "utf8"), /^# /, `${page}: ${link}`);
    }
  }
});
