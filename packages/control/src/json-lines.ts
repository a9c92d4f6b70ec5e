/** Splits a byte stream into lines of JSON, wherever the chunks break, inside a character too. Throws SyntaxError for a line that is none. */
export async function* parseJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf("\n", start); end >= 0; end = rest.indexOf("\n", start)) {
      if (end > start) yield JSON.parse(rest.slice(start, end));
      start = end + 1;
    }
    rest = rest.slice(start);
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield JSON.parse(rest);
}
