// @ts-check
// The memory of known, silent and speaking services in the hub of logs. docs/logs.md says what was measured.
//
//   node --expose-gc bench/log-memory.mjs
import { createDescriptorWatch, createLogHub } from "../packages/log/dist/index.js";
import { createKernel } from "../packages/sys/dist/index.js";

const services = 1000;
const line = Buffer.from(`${"x".repeat(99)}\n`);

const kernel = createKernel();
const watch = createDescriptorWatch(kernel);

function makeHub() {
  return createLogHub({
    kernel,
    watch,
    clock: () => Date.now() * 1000,
    terminal: null,
    onProblem: ({ message }) => {
      throw new Error(message);
    },
  });
}

function makePipe() {
  const pipe = kernel.pipe();
  if (typeof pipe === "number")
    throw new Error(`cannot make a pipe: ${pipe}; raise the limit of open files (ulimit -n)`);
  return pipe;
}

/** What each service more costs; in a young process, as a collected one may shrink for other reasons. */
function measureMemory() {
  const { gc } = globalThis;
  if (gc === undefined) return console.log("memory: not measured without --expose-gc");
  const used = () => {
    for (let time = 0; time < 4; time += 1) gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const hub = makeHub();
  const pipes = Array.from({ length: services }, () => ({ out: makePipe(), err: makePipe() }));
  /** @param {string} name @param {typeof pipes[number]} pipe @param {number} lines */
  const speak = (name, pipe, lines) => {
    for (let said = 0; said < lines; said += 1) {
      kernel.write(pipe.out.write, line, 0, line.length);
      hub.drain(name);
    }
  };
  /** @type {[what: string, step: (name: string, pipe: typeof pipes[number]) => void][]} */
  const steps = [
    ["known", (name) => hub.configure({ name, logging: { driver: "none" } })],
    [
      "silent, two pipes",
      (name, { out, err }) => hub.openRun(name, 1, { stdout: out.read, stderr: err.read }),
    ],
    ["after 1 line", (name, pipe) => speak(name, pipe, 1)],
    ["after 20 lines", (name, pipe) => speak(name, pipe, 19)],
    ["after 2000 lines", (name, pipe) => speak(name, pipe, 1980)],
  ];
  const before = used();
  for (const [what, step] of steps) {
    pipes.forEach((pipe, index) => step(`service-${index}`, pipe));
    console.log(
      `memory, ${what.padEnd(19)} ${((used() - before) / services).toFixed(0).padStart(7)} bytes a service`,
    );
  }
  hub.close();
  for (const { out, err } of pipes) for (const fd of [out.write, err.write]) kernel.close(fd);
}

measureMemory();
watch.close();
