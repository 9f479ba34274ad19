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
 * All contestants for a model. Ours come first.
 *
 * @param {string} folder with the arrays
 * @param {string} model
 * @param {string | undefined} python
 * @returns {import('./contestant.mjs').Entry[]}
 */
export function entriesOf(folder, model, python) {
  const antler = [process.execPath, here('antler.mjs'), folder, model];
  /** @type {import('./contestant.mjs').Entry[]} */
  const entries = [
    { name: 'Antler, step', command: antler, asks: 'step' },
    { name: 'Antler, fit', command: antler, asks: 'fit' },
  ];
  if (python === undefined) return entries;
  /** @param {string} script @param {string[]} rest */
  const run = (script, ...rest) => [python, here(`peers/${script}`), folder, model, ...rest];
  entries.push(
    { name: 'PyTorch, eager', command: run('torch_step.py', 'eager'), asks: 'step' },
    { name: 'PyTorch, compile', command: run('torch_step.py', 'compile'), asks: 'step' },
    {
      name: 'PyTorch, tuned allocator',
      command: run('torch_step.py', 'eager'),
      asks: 'step',
      environment: keepingBlocks,
    },
    { name: 'JAX', command: run('jax_step.py'), asks: 'step' },
    { name: 'Keras on JAX', command: run('keras_fit.py', 'jax'), asks: 'fit' },
    { name: 'Keras on TensorFlow', command: run('keras_fit.py', 'tensorflow'), asks: 'fit' },
  );
  if (['cnn', 'resnet'].includes(model)) {
    entries.push({ name: 'PyTorch, channels last', command: run('torch_step.py', 'channelsLast'), asks: 'step' });
  }
  return entries;
}
