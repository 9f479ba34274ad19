// `npm run bench:steps` and `npm run bench:fit`: training of six models beside peers, each a section of docs/benchmarks.md.
//
// --models mlp,cnn  --threads 2,1  --only antler,torch  --rounds 5  --python PATH (a Python with peers/requirements.txt; without
// one the peers in Python are left out, and said to be). Models may be measured one at a time: the page is written from the last
// results of each. A run with --only is not kept.

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { kept } from '../kept.mjs';
import { start, write } from '../start.mjs';
import { contest } from './contest.mjs';
import { entriesOf } from './entries.mjs';
import { models } from './models.mjs';
import { sections } from './report.mjs';

const { values } = parseArgs({
  options: {
    table: { type: 'string', default: 'step' },
    models: { type: 'string', default: Object.keys(models).join(',') },
    threads: { type: 'string', default: '2,1' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    python: { type: 'string', default: process.env.ANTLER_PYTHON ?? '' },
  },
});
const table = values.table === 'fit' ? 'fit' : 'step';
start();

const python = existsSync(values.python) ? values.python : undefined;
if (python === undefined) console.log('no Python given (--python, ANTLER_PYTHON): PyTorch, JAX and Keras are left out');
const only = values.only.split(',');
/** @type {import('./report.mjs').Contest[]} */
const contests = [];
for (const model of values.models.split(',')) {
  const spec = models[model];
  if (spec === undefined)
    throw new Error(`--models: expected some of ${Object.keys(models).join(', ')}, received ${model}`);
  for (const [i, threads] of values.threads.split(',').map(Number).entries()) {
    console.log(`${model}, ${threads} thread${threads === 1 ? '' : 's'}`);
    const entries = (/** @type {string} */ folder) =>
      entriesOf(table, folder, model, python).filter(({ name }) =>
        only.some((part) => name.toLowerCase().includes(part)),
      );
    const options = { threads, rounds: Number(values.rounds), check: i === 0, say: console.log };
    contests.push({ model, threads, results: await contest(model, spec, entries, options) });
  }
}
if (values.only === '') {
  const order = Object.keys(models);
  const all = kept(table, contests, ({ model, threads }) => `${model} ${threads}`);
  const sorted = all.toSorted((a, b) => order.indexOf(a.model) - order.indexOf(b.model) || b.threads - a.threads);
  write([sections[table](sorted)]);
}
