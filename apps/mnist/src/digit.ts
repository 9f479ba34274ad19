/** Draws grey images in a terminal: one character is two pixels, one above the other, with the half blocks. */

/** Lines that show `pixels` (row-major, 0 to 1), in grey with `color`, else in black and white. */
export function drawImage(pixels: ArrayLike<number>, width: number, color: boolean): string[] {
  const draw = color ? greyCell : plainCell;
  const lines: string[] = [];
  for (let top = 0; top < pixels.length; top += 2 * width) {
    let line = '';
    for (let at = top; at < top + width; at++) line += draw(pixels[at]!, pixels[at + width] ?? 0);
    lines.push(color ? `${line}\x1b[0m` : line.trimEnd());
  }
  return lines;
}

/** Upper half in the color of the text, lower half in the background's, both from the 24 greys of a 256-color terminal. */
function greyCell(upper: number, lower: number): string {
  return `\x1b[38;5;${grey(upper)};48;5;${grey(lower)}m▀`;
}

function grey(pixel: number): number {
  return 232 + Math.min(23, Math.max(0, Math.round(23 * pixel)));
}

function plainCell(upper: number, lower: number): string {
  return [' ', '▄', '▀', '█'][(upper >= 0.4 ? 2 : 0) + (lower >= 0.4 ? 1 : 0)]!;
}
