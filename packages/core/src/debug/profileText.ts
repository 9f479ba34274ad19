/** A profile as text: totals as bars, then a table of the slowest kernels. */
import { rowsOf, showBytes, showTime } from './text.js';
import type { Profile, TotalTime } from './profile.js';

const KERNELS_SHOWN = 20;
const BAR = 24;

/** The text that `Profile.toString` gives. */
export function profileText({ wall, milliseconds, runs, kernels, kinds, layers }: Profile): string {
  const shown = kernels.slice(0, KERNELS_SHOWN);
  const rows = shown.map(({ text, operations, layers: paths, bytes, runs: count, milliseconds: time }) => [
    showTime(time),
    share(time, milliseconds),
    `${count}×`,
    showBytes(bytes),
    `${text}${operations.length === 0 ? '' : `  ${cut(operations.join(' '), 40)}`}`,
    paths.join(', '),
  ]);
  const more = kernels.length - shown.length;
  return [
    `${showTime(milliseconds)} in ${kernels.length} kernels, ${runs.length} runs; ${showTime(wall)} in all`,
    ...bars('by kind', kinds, milliseconds),
    ...bars('by layer', layers, milliseconds),
    '',
    ...rowsOf([['time', 'part', 'runs', 'bytes', 'kernel', 'layers'], ...rows], 4),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ].join('\n');
}

function bars(title: string, totals: readonly TotalTime[], whole: number): string[] {
  const rows = totals.map(({ name, kernels, milliseconds }) => [
    showTime(milliseconds),
    share(milliseconds, whole),
    name,
    '█'.repeat(Math.round((BAR * milliseconds) / (whole || 1))).padEnd(BAR, '·'),
    `${kernels} kernel${kernels === 1 ? '' : 's'}`,
  ]);
  return ['', title, ...rowsOf(rows, 2)];
}

const share = (part: number, whole: number): string => `${((100 * part) / (whole || 1)).toFixed(1)} %`;

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
