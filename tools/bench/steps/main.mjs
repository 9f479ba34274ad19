// `npm run bench:steps`: whole training steps of six models beside PyTorch, JAX and Keras, and two sections of docs/benchmarks.md.
//
// --models mlp,cnn  --threads 2,1  --only antler,torch  --rounds 5  --python PATH (a Python with peers/requirements.txt; without
// one the peers in Python are left out, and said to be). Only a run of all models writes the page.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runNx } from '../../setup/build.mjs';
import { root, setup } from '../../setup/setup.mjs';
import { withSection } from '../page.mjs';
import { contest } from './contest.mjs';
import { entriesOf } from './entries.mjs';
import { models } from './models.mjs';
import { stepSections } from './report.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(models).join(',') },
    threads: { type: 'string', default: '2,1' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    python: { type: 'string', default: process.env.ANTLER_PYTHON ?? '' },
  },
});
setup({ system: false });
runNx(['run-many', '--target=build', '--projects=packages/*']);

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
      entriesOf(folder, model, python).filter(({ name }) => only.some((part) => name.toLowerCase().includes(part)));
    const options = { threads, rounds: Number(values.rounds), check: i === 0, say: console.log };
    contests.push({ model, spec, threads, results: await contest(model, spec, entries, options) });
  }
}
const complete = Object.keys(models).every((model) => contests.some((one) => one.model === model));
if (complete && python !== undefined && values.only === '') {
  const path = join(root, 'docs', 'benchmarks.md');
  let page = readFileSync(path, 'utf8');
  for (const { title, paragraphs } of stepSections(contests)) page = withSection(page, title, paragraphs);
  writeFileSync(path, page);
}
