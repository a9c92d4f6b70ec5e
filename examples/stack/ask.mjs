// node ask.mjs URL: ends with 0 if the URL answers with 200.
const response = await fetch(process.argv[2]);
if (!response.ok) {
  console.error(`${response.url} answered ${response.status}: ${(await response.text()).trim()}`);
  process.exit(1);
}
