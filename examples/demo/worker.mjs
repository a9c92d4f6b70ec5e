// Fetches a number every few seconds and says which Fibonacci number it is.
const pauseMs = 5000;
const stopped = new AbortController();
process.on("SIGTERM", () => stopped.abort());

function fibonacci(n) {
  let [a, b] = [0n, 1n];
  for (let i = 0; i < n; i++) [a, b] = [b, a + b];
  return a;
}

while (!stopped.signal.aborted) {
  const response = await fetch(`${process.env.DEMO_URL}/job`);
  const n = Number(await response.text());
  console.log(`fibonacci(${n}) = ${fibonacci(n)}`);
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, pauseMs);
    stopped.signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), {
      once: true,
    });
  });
}
console.log("no more jobs");
