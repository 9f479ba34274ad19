/** A table in box characters, as Keras draws its summaries. */

/** A column: its title and where its text goes. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Width that is asked for; all columns shrink by turns until the table fits. */
  readonly width: number;
}

/** Draws rows of cells under titles, `lineLength` characters wide. Text that is too wide wraps at spaces; words are cut. */
export function drawTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  lineLength: number,
): string {
  const widths = fitWidths(columns, lineLength);
  const rule = (left: string, line: string, cross: string, right: string): string =>
    left + widths.map((width) => line.repeat(width)).join(cross) + right;
  const cells = (row: readonly string[], bar: string): string[] => {
    const wrapped = row.map((text, i) => wrap(text, widths[i]! - 2));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const padded = wrapped.map((lines, i) => {
        const text = lines[line] ?? '';
        const width = widths[i]! - 2;
        return ` ${columns[i]!.align === 'left' ? text.padEnd(width) : text.padStart(width)} `;
      });
      return bar + padded.join(bar) + bar;
    });
  };
  const titles = columns.map((column) => column.title);
  const body = rows.flatMap((row, i) => (i === 0 ? cells(row, '│') : [rule('├', '─', '┼', '┤'), ...cells(row, '│')]));
  return [
    rule('┏', '━', '┳', '┓'),
    ...cells(titles, '┃'),
    rule('┡', '━', '╇', '┩'),
    ...body,
    rule('└', '─', '┴', '┘'),
  ].join('\n');
}

/** Widths with the padding; what is too much is taken from the columns in turn, halves to even. */
function fitWidths(columns: readonly Column[], lineLength: number): number[] {
  const asked = columns.map((column) => column.width + 2);
  let excess = asked.reduce((a, b) => a + b, 0) + columns.length + 1 - lineLength;
  return asked.map((width, i) => {
    const share = roundHalfToEven(excess / (columns.length - i));
    excess -= share;
    return width - share;
  });
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x);
}

/** Lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.length <= width ? word : `${word.slice(0, width - 1)}…`);
  }
  return lines;
}
