/** Splits a byte stream into lines of JSON, wherever the chunks break, inside a character too. Throws `SyntaxError` for a line that is none. */
export async function* parseJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    // What is left over from before holds no newline: a long line in many chunks is searched once.
    let from = rest.length;
    let start = 0;
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf("\n", from); end >= 0; end = rest.indexOf("\n", from)) {
      const line = rest.slice(start, end);
      if (line.trim() !== "") yield JSON.parse(line);
      start = end + 1;
      from = start;
    }
    rest = rest.slice(start);
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield JSON.parse(rest);
}
