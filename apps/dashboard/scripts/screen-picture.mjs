// A screen model as SVG: one text element for each run of characters in the same style, and one rectangle for each background.
const [cellWidth, cellHeight, margin] = [8.4, 18, 12];
const ground = "#1d1f21";
const ink = "#c5c8c6";
/** The sixteen colours of a common dark theme. */
const colours = [
  "#282a2e",
  "#cc6666",
  "#b5bd68",
  "#f0c674",
  "#81a2be",
  "#b294bb",
  "#8abeb7",
  "#c5c8c6",
  "#707880",
  "#d54e53",
  "#b9ca4a",
  "#e7c547",
  "#7aa6da",
  "#c397d8",
  "#70c0b1",
  "#eaeaea",
];

/** The picture of what a screen shows. */
export function screenPicture(screen, columns, rows) {
  const width = columns * cellWidth + 2 * margin;
  const height = rows * cellHeight + 2 * margin;
  const parts = [];
  for (let y = 0; y < rows; y += 1) {
    for (const run of runsOf(screen, columns, y)) {
      const x = margin + run.x * cellWidth;
      const top = margin + y * cellHeight;
      const look = lookOf(run.style);
      if (look.background !== ground)
        parts.push(
          `<rect x="${round(x)}" y="${top}" width="${round(run.width * cellWidth)}" height="${cellHeight}" fill="${look.background}"/>`,
        );
      if (run.text.trim() !== "")
        parts.push(
          `<text x="${round(x)}" y="${top + 13}" fill="${look.ink}" textLength="${round(run.width * cellWidth)}"${look.more}>${escape(run.text)}</text>`,
        );
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${height}" font-family="monospace" font-size="14" xml:space="preserve">
<rect width="100%" height="100%" rx="6" fill="${ground}"/>
${parts.join("\n")}
</svg>
`;
}

/** Neighbours of the same style; a wide character stands alone, for fonts draw it in widths of their own. */
function runsOf(screen, columns, y) {
  const runs = [];
  for (let x = 0; x < columns; x += 1) {
    const character = screen.characterAt(x, y);
    if (character === "") continue;
    const style = screen.styleAt(x, y);
    const width = screen.characterAt(x + 1, y) === "" && x + 1 < columns ? 2 : 1;
    const last = runs.at(-1);
    if (
      last !== undefined &&
      last.style === style &&
      width === 1 &&
      last.x + last.width === x &&
      !last.wide
    ) {
      last.text += character;
      last.width += 1;
    } else runs.push({ x, width, style, text: character, wide: width === 2 });
  }
  return runs;
}

function lookOf(style) {
  let [front, back, bold, underline, inverse] = [ink, ground, false, false, false];
  for (const number of style.split(";").map(Number)) {
    if (number === 1) bold = true;
    else if (number === 4) underline = true;
    else if (number === 7) inverse = true;
    else if (number >= 30 && number < 38) front = colours[number - 30];
    else if (number >= 90 && number < 98) front = colours[number - 82];
    else if (number >= 40 && number < 48) back = colours[number - 40];
    else if (number >= 100 && number < 108) back = colours[number - 92];
  }
  const more = `${bold ? ' font-weight="bold"' : ""}${underline ? ' text-decoration="underline"' : ""}`;
  return inverse ? { ink: back, background: front, more } : { ink: front, background: back, more };
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function round(value) {
  return Math.round(value * 10) / 10;
}
