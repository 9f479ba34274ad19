// Writes what was compared as a page of the documentation.

import { cpus } from 'node:os';

/** @typedef {{ comparison: import('./compare.mjs').Comparison, compared: import('./compare.mjs').Compared }} Row */

/**
 * The page: which machine, which versions, a table, and what both sides computed.
 *
 * @param {readonly Row[]} rows
 * @param {{ versions: Record<string, string> }} about versions by name of package
 * @returns {string}
 */
export function page(rows, { versions }) {
  const processors = cpus();
  const cells = [
    ['what', 'Antler, js', 'TensorFlow.js, cpu', 'ratio', 'goal'],
    ...rows.map(({ comparison: { title, goal, parts = 1 }, compared: { ours, peer, ratio } }) => [
      title,
      duration(ours.median / parts),
      duration(peer.median / parts),
      `${ratio.toFixed(1)} ×`,
      `${goal} ×`,
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  const checks = rows.map(({ comparison: { title }, compared: { check } }) => `- ${title}: ${check}`);
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Both libraries take turns in one process; times are medians of one run, which a busy machine',
    'stretches, and the ratio of both times means more than either.',
    '',
    `- Machine: ${processors[0]?.model ?? 'unknown processor'}, ${processors.length} cores`,
    `- Node.js ${process.versions.node}, V8 ${process.versions.v8}`,
    ...Object.entries(versions).map(([name, version]) => `- ${name} ${version}`),
    '',
    ...lines,
    '',
    'What both computed:',
    '',
    ...checks,
    '',
  ].join('\n');
}

/** @param {number} milliseconds */
function duration(milliseconds) {
  return milliseconds < 0.1 ? `${(milliseconds * 1000).toFixed(2)} µs` : `${milliseconds.toFixed(2)} ms`;
}
