/** A daemon whose handlers do what their names say; each step is a line. Ends itself after a minute. */
import { listenFdsWithNames, notifyReady, onReload, onShutdown } from "@supervise/daemon";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const never = new Promise<void>(() => undefined);
const wanted = new Set(process.argv.slice(2));

let reloads = 0;
const gates: (() => void)[] = [];
onReload(async () => {
  reloads += 1;
  say(`reload ${reloads} begins`);
  // A reload takes until the next SIGUSR2.
  await new Promise<void>((resolve) => gates.push(resolve));
  say(`reload ${reloads} ends`);
  if (wanted.has("bad-reload")) throw new Error("line 3:\n  no such key");
});
process.on("SIGUSR2", () => gates.shift()?.());
let hangUps = 0;
process.on("SIGHUP", () => say(`hang-up ${(hangUps += 1)}`));

const deadlineMs = wanted.has("short") ? 50 : 10_000;
onShutdown(() => say("log closed"), { name: "log", deadlineMs });
onShutdown(
  async function connections() {
    say("connections");
    if (wanted.has("hang")) await never;
    if (wanted.has("fail")) throw new Error("lost");
  },
  { deadlineMs },
);
onShutdown(({ signal, leftMs }) => say(`listener ${signal} ${leftMs() > 0}`), {
  name: "listener",
  deadlineMs,
});
// oxlint-disable-next-line no-restricted-globals -- its life, at whose end nobody waits for anything
setTimeout(() => undefined, 60_000);
for (const { fd, name } of listenFdsWithNames()) say(`${name}=${fd}`);
notifyReady();
say("ready");
