// Who takes part: each contestant's name and command.

import { fileURLToPath } from 'node:url';

/** @param {string} name */
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** An allocator that keeps big blocks, instead of giving them back to the system after each step. */
const keepingBlocks = {
  MALLOC_MMAP_THRESHOLD_: '4000000000',
  MALLOC_TRIM_THRESHOLD_: '16000000000',
  MALLOC_TOP_PAD_: '268435456',
};

/**
 * Contestants for a model in one of the two tables. Ours come first. Keras's `fit` is also what single steps are compared
 * with, because it has no other loop.
 *
 * @param {'step' | 'fit'} table
 * @param {string} folder with the arrays
 * @param {string} model
 * @param {string | undefined} python
 * @returns {import('./contestant.mjs').Entry[]}
 */
export function entriesOf(table, folder, model, python) {
  /** @param {string} script @param {string[]} rest */
  const node = (script, ...rest) => [process.execPath, here(script), folder, model, ...rest];
  /** @param {string} script @param {string[]} rest */
  const run = (script, ...rest) => [python ?? '', here(`peers/${script}`), folder, model, ...rest];
  /** @type {import('./contestant.mjs').Entry[]} */
  const keras = [
    { name: 'Keras on JAX', command: run('keras_fit.py', 'jax'), asks: 'fit' },
    { name: 'Keras on TensorFlow', command: run('keras_fit.py', 'tensorflow'), asks: 'fit' },
  ];
  if (table === 'fit') {
    return [
      { name: 'Antler', command: node('antler.mjs'), asks: 'fit' },
      ...(python === undefined ? [] : keras),
      { name: 'TensorFlow.js, cpu', command: node('../peers/tfjs.mjs', 'cpu'), asks: 'fit' },
      { name: 'TensorFlow.js, wasm', command: node('../peers/tfjs.mjs', 'wasm'), asks: 'fit' },
      { name: 'jax-js, wasm', command: node('../peers/jaxjs.mjs'), asks: 'fit' },
    ];
  }
  /** @type {import('./contestant.mjs').Entry[]} */
  const ours = [{ name: 'Antler', command: node('antler.mjs'), asks: 'step' }];
  if (python === undefined) return ours;
  /** @type {import('./contestant.mjs').Entry} */
  const channelsLast = { name: 'PyTorch, channels last', command: run('torch_step.py', 'channelsLast'), asks: 'step' };
  return [
    ...ours,
    { name: 'PyTorch, eager', command: run('torch_step.py', 'eager'), asks: 'step' },
    { name: 'PyTorch, compile', command: run('torch_step.py', 'compile'), asks: 'step' },
    {
      name: 'PyTorch, tuned allocator',
      command: run('torch_step.py', 'eager'),
      asks: 'step',
      environment: keepingBlocks,
    },
    { name: 'JAX', command: run('jax_step.py'), asks: 'step' },
    ...keras,
    ...(['cnn', 'resnet'].includes(model) ? [channelsLast] : []),
  ];
}
