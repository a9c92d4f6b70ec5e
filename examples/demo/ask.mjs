// node ask.mjs PATH: ends with 0 if the web service answers it with 200.
const response = await fetch(`${process.env.DEMO_URL}${process.argv[2]}`);
if (!response.ok) {
  console.error(`${response.url} answered ${response.status}`);
  process.exit(1);
}
