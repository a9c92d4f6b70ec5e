// Visits the web process again and again. A Procfile knows no order, so it has to bear that nobody listens yet.
const [name = "worker"] = process.argv.slice(2);
const url = `${process.env.WEB_URL}/?name=${encodeURIComponent(name)}`;
let pauseMs = 100;

async function visit() {
  try {
    const response = await fetch(url);
    console.log((await response.text()).trim());
    pauseMs = 10_000;
  } catch (error) {
    console.log(`not there yet: ${error.cause?.code ?? error.message}`);
    pauseMs = Math.min(pauseMs * 2, 5000);
  }
  setTimeout(visit, pauseMs);
}
await visit();
