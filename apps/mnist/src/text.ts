/** Plain text: numbers, aligned tables and blocks side by side. */

/** `12,345` */
export function showCount(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A share as `97.8 %`; `–` when there is none. */
export function showShare(share: number, digits = 1): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(digits)} %`;
}

/** Seconds as `0.31 s`, `42.0 s` or `2 min 5 s`. */
export function showSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Lines of right-aligned columns, the first row as the head; a column whose head ends in a space is left-aligned. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const head = rows[0]!;
  const widths = head.map((_, c) => Math.max(...rows.map((row) => row[c]!.trimEnd().length)));
  return rows.map((row) =>
    row
      .map((cell, c) => (head[c]!.endsWith(' ') ? cell.trimEnd().padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Blocks of lines next to each other, as many per row as `columns` allow. */
export function sideBySide(blocks: readonly (readonly string[])[], columns: number): string[] {
  const gap = 2;
  const width = Math.max(...blocks.flat().map(visibleLength));
  const perRow = Math.max(1, Math.floor((columns + gap) / (width + gap)));
  const lines: string[] = [];
  for (let at = 0; at < blocks.length; at += perRow) {
    const group = blocks.slice(at, at + perRow);
    if (at > 0) lines.push('');
    for (let line = 0; line < Math.max(...group.map((block) => block.length)); line++) {
      const cells = group.map((block) => block[line] ?? '');
      lines.push(
        cells
          .map((cell) => cell + ' '.repeat(width + gap - visibleLength(cell)))
          .join('')
          .trimEnd(),
      );
    }
  }
  return lines;
}

/** Characters on the screen: color codes take no room. */
function visibleLength(text: string): number {
  return text.replace(/\x1b\[[\d;]*m/g, '').length;
}
