// What the contests of training gave, as sections of docs/benchmarks.md.

import { setting, table } from '../page.mjs';
import { disagreeing } from './contest.mjs';
import { models } from './models.mjs';

/**
 * @typedef {import('./contest.mjs').Result} Result
 * @typedef {{ model: string, threads: number, results: readonly Result[] }} Contest
 * @typedef {import('../start.mjs').Section} Section
 */

/** Peers that the goals speak of; the others are shown beside them. */
const measuredAgainst = ['PyTorch, eager', 'PyTorch, compile', 'Keras on JAX', 'Keras on TensorFlow'];

/** @param {readonly Result[]} results @param {string} name */
const resultOf = (results, name) => results.find((one) => one.name === name);

/** Rows of a step. @param {string} model */
const batchOf = (model) => models[model]?.batch ?? NaN;

/** The section of either table. @type {Record<'step' | 'fit', (contests: readonly Contest[]) => Section>} */
export const sections = {
  step: (contests) => ({
    title: 'Training steps',
    paragraphs: [
      setting(versionsOf(contests)),
      'One step on a batch in memory, the loss on the host before the next: forward, backward, Adam, float32. Milliseconds, medians of steps in turns, every contestant a process of its own on the same processors; every line is one run. Those of Keras are of `fit`, per batch. The goal compares with the fastest of PyTorch (eager, compile) and Keras.',
      table(cellsOf(contests, ({ timing }) => timing?.median.toFixed(2))),
      table(ratioTable(contests)),
      agreementParagraph(contests),
      ...leftOut(contests),
    ],
  }),
  fit: (contests) => ({
    title: 'Training by fit',
    paragraphs: [
      setting(versionsOf(contests)),
      '`fit` on host arrays, 60 batches a pass, not shuffled; jax-js has no `fit`, its loop is written by hand. Samples per second, from the median pass; every line is one run. What is too slow for 60 batches has a pass of as many as fit into 4 seconds, at least one: their number stands beside.',
      table(
        cellsOf(contests, ({ timing, batches = 0 }, model) => {
          if (timing === undefined) return undefined;
          const samples = (batchOf(model) * 1000) / timing.median;
          const number = samples < 100 ? samples.toFixed(1) : Math.round(samples).toLocaleString('en');
          return batches > 0 && batches < 60 ? `${number} (${batches})` : number;
        }),
      ),
      agreementParagraph(contests),
      ...leftOut(contests),
    ],
  }),
};

/** @param {readonly Contest[]} contests @returns {Record<string, string>} */
const versionsOf = (contests) =>
  Object.fromEntries(contests.flatMap(({ results }) => results.flatMap(({ versions }) => Object.entries(versions))));

/**
 * A line for each contest, a column for each contestant.
 *
 * @param {readonly Contest[]} contests
 * @param {(result: Result, model: string) => string | undefined} cell
 */
function cellsOf(contests, cell) {
  const names = [...new Set(contests.flatMap(({ results }) => results.map(({ name }) => name)))];
  return [
    ['model, batch', 'threads', ...names],
    ...contests.map(({ model, threads, results }) => [
      `${model}, ${batchOf(model)}`,
      String(threads),
      ...names.map((name) => {
        const result = resultOf(results, name);
        return (result && cell(result, model)) ?? '–';
      }),
    ]),
  ];
}

/** @param {readonly Contest[]} contests */
function ratioTable(contests) {
  const tuned = 'PyTorch, tuned allocator';
  return [
    ['model', 'threads', 'ours', 'fastest peer', '', 'ours ÷ peer', 'goal', `ours ÷ ${tuned}`, 'goal'],
    ...contests.map(({ model, threads, results }) => {
      const ours = resultOf(results, 'Antler')?.timing?.median;
      const peers = results.filter(({ name, timing }) => measuredAgainst.includes(name) && timing !== undefined);
      const [fastest] = peers.toSorted((a, b) => (a.timing?.median ?? 0) - (b.timing?.median ?? 0));
      /** @param {number | undefined} theirs */
      const ratio = (theirs) => (ours === undefined || theirs === undefined ? '–' : (ours / theirs).toFixed(2));
      return [
        model,
        String(threads),
        ours?.toFixed(2) ?? '–',
        fastest?.timing?.median.toFixed(2) ?? '–',
        fastest?.name ?? '–',
        ratio(fastest?.timing?.median),
        `≤ ${models[model]?.goal ?? '–'}`,
        ratio(resultOf(results, tuned)?.timing?.median),
        '≤ 0.95',
      ];
    }),
  ];
}

/** @param {readonly Contest[]} contests */
function agreementParagraph(contests) {
  const lines = contests.flatMap(({ model, results }) => {
    const losses = results.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
    if (losses.length === 0) return [];
    const [low, high] = [Math.min(...losses), Math.max(...losses)];
    const out = disagreeing(results);
    const apart = out.length === 0 ? '' : `, more than 1 % apart: ${out.join(', ')}`;
    return [`${model} ${low.toFixed(4)} – ${high.toFixed(4)} of ${losses.length}${apart}`];
  });
  return `Loss after 50 steps from the same weights, dropout off, lowest and highest of those that can take so many: ${lines.join('; ')}.`;
}

/** Who is missing where, and why. @param {readonly Contest[]} contests */
function leftOut(contests) {
  const reasons = contests.flatMap(({ model, results }) =>
    results.flatMap(({ name, why }) => (why === undefined ? [] : [`- ${name}, ${model}: ${why}`])),
  );
  return reasons.length === 0 ? [] : ['Left out:', [...new Set(reasons)].join('\n')];
}
