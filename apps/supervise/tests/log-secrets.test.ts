import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { project } from "./harness.js";

const SECRET = "hunter22";

test("the value of a masked variable is shown nowhere: not in ps, inspect, status, why, events or at the terminal", async (t) => {
  const it = project(
    t,
    {
      web: {
        command: ["sh", "-c", "echo $LOGIN; sleep 60; :", "--", `--password=${SECRET}`],
        environment: { LOGIN: SECRET },
      },
      lost: { command: [`/nowhere/${SECRET}`], environment: { LOGIN: SECRET }, restart: "no" },
    },
    { mask: ["LOGIN"] },
  );
  const up = await it.up();
  await up.stdout.match(/^web .*\*\*\*$/);
  const told: string[] = [...up.stdout.all, ...up.stderr.all];
  for (const words of [
    ["ps"],
    ["ps", "--json"],
    ["status"],
    ["status", "--json"],
    ["why", "lost"],
    ["why", "web"],
    ["events"],
    ["events", "--json"],
    ["logs"],
    ["inspect", "--each", "--environment", "web"],
    ["inspect", "--json", "web"],
  ]) {
    const { code, stdout, stderr } = await it.run(...words);
    equal(code, 0, `${words.join(" ")}: ${stderr}`);
    told.push(`${words.join(" ")}\n${stdout}${stderr}`);
  }
  for (const text of told) ok(!text.includes(SECRET), text);
  match(told.join("\n"), /--password=\*\*\*/);
  match(told.join("\n"), /nowhere\/\*\*\*/);
  const open = await it.run("inspect", "--secrets", "--environment", "web");
  match(open.stdout, /hunter22/);
});
