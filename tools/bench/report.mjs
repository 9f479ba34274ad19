// What was compared with TensorFlow.js, as a section of docs/benchmarks.md.

import { duration, setting, table } from './page.mjs';

/** @typedef {{ comparison: import('./compare.mjs').Comparison, compared: import('./compare.mjs').Compared }} Row */

/**
 * The paragraphs: with what it was measured, a table, and what both sides computed.
 *
 * @param {readonly Row[]} rows
 * @param {{ versions: Record<string, string> }} about versions by name of package
 * @returns {readonly string[]}
 */
export function comparisonSection(rows, { versions }) {
  return [
    setting(versions),
    table([
      ['what', 'Antler, js', 'TensorFlow.js, cpu', 'ratio', 'goal'],
      ...rows.map(({ comparison: { title, goal, parts = 1 }, compared: { ours, peer, ratio } }) => [
        title,
        duration(ours.median / parts),
        duration(peer.median / parts),
        `${ratio.toFixed(1)} ×`,
        `${goal} ×`,
      ]),
    ]),
    'What both computed:',
    rows.map(({ comparison: { title }, compared: { check } }) => `- ${title}: ${check}`).join('\n'),
  ];
}
