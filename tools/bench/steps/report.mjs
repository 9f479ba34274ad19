// What the contests of whole training steps gave, as sections of docs/benchmarks.md.

import { setting, table } from '../page.mjs';
import { disagreeing } from './contest.mjs';

/**
 * @typedef {import('./contest.mjs').Result} Result
 * @typedef {{ model: string, spec: import('./models.mjs').ModelSpec, threads: number, results: readonly Result[] }} Contest
 */

/** Peers that the goals speak of; the others are shown beside them. */
const measuredAgainst = ['PyTorch, eager', 'PyTorch, compile', 'Keras on JAX', 'Keras on TensorFlow'];

/** @param {readonly Result[]} results @param {string} name */
const medianOf = (results, name) => results.find((one) => one.name === name)?.timing?.median;

/** @param {readonly Contest[]} contests @returns {{ title: string, paragraphs: readonly string[] }[]} */
export function stepSections(contests) {
  const versions = Object.assign({}, ...contests.flatMap(({ results }) => results.map((one) => one.versions)));
  return [
    {
      title: 'Training steps',
      paragraphs: [
        setting(versions),
        'One step on a batch in memory, the loss on the host before the next: forward, backward, Adam, float32. Milliseconds, medians of steps in turns, every contestant a process of its own on the same processors. The goal compares with the fastest of PyTorch (eager, compile) and Keras (JAX, TensorFlow; their times are those of `fit` per batch).',
        table(timesTable(contests, 'step')),
        table(ratioTable(contests)),
        agreementParagraph(contests),
      ],
    },
    {
      title: 'Training by fit',
      paragraphs: [
        '`fit` on host arrays, 60 batches a pass, not shuffled. Samples per second, from the median pass.',
        table(samplesTable(contests)),
      ],
    },
  ];
}

/** @param {readonly Contest[]} contests @param {'step' | 'fit'} asks */
const namesOf = (contests, asks) => [
  ...new Set(contests.flatMap(({ results }) => results.filter((one) => one.asks === asks).map(({ name }) => name))),
];

/** @param {readonly Contest[]} contests @param {'step' | 'fit'} asks */
function timesTable(contests, asks) {
  const names = namesOf(contests, asks);
  return [
    ['model, batch', 'threads', ...names],
    ...contests.map(({ model, spec, threads, results }) => [
      `${model}, ${spec.batch}`,
      String(threads),
      ...names.map((name) => medianOf(results, name)?.toFixed(2) ?? '–'),
    ]),
  ];
}

/** @param {readonly Contest[]} contests */
function samplesTable(contests) {
  const names = namesOf(contests, 'fit');
  return [
    ['model, batch', 'threads', ...names],
    ...contests.map(({ model, spec, threads, results }) => [
      `${model}, ${spec.batch}`,
      String(threads),
      ...names.map((name) => {
        const median = medianOf(results, name);
        return median === undefined ? '–' : Math.round((spec.batch * 1000) / median).toLocaleString('en');
      }),
    ]),
  ];
}

/** @param {readonly Contest[]} contests */
function ratioTable(contests) {
  return [
    ['model', 'threads', 'ours', 'fastest peer', '', 'ours ÷ peer', 'goal'],
    ...contests.map(({ model, spec, threads, results }) => {
      const ours = medianOf(results, 'Antler, step');
      const peers = results.filter(({ name, timing }) => measuredAgainst.includes(name) && timing !== undefined);
      const [fastest] = peers.toSorted((a, b) => (a.timing?.median ?? 0) - (b.timing?.median ?? 0));
      const theirs = fastest?.timing?.median;
      const ratio = ours !== undefined && theirs !== undefined ? (ours / theirs).toFixed(2) : '–';
      return [
        model,
        String(threads),
        ours?.toFixed(2) ?? '–',
        theirs?.toFixed(2) ?? '–',
        fastest?.name ?? '–',
        ratio,
        `≤ ${spec.goal}`,
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
    const apart = out.length === 0 ? '' : `; more than 1 % apart: ${out.join(', ')}`;
    return [`${model} ${low.toFixed(4)} – ${high.toFixed(4)}${apart}`];
  });
  return `Loss after 50 steps from the same weights, dropout off, lowest and highest of all contestants: ${lines.join('; ')}.`;
}
