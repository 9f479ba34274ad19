// `npm run bench:overheads`: what training costs beside arithmetic: programs, compilation, memory, delays of the event loop.
//
// --models mlp,cnn  --steps 20000  --python PATH (with peers/requirements.txt of the steps: PyTorch's memory beside ours)

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resultOf } from '../child.mjs';
import { setting, table } from '../page.mjs';
import { antlerVersion, start, write } from '../start.mjs';
import { writeArrays } from '../steps/arrays.mjs';
import { Contestant } from '../steps/contestant.mjs';
import { entriesOf } from '../steps/entries.mjs';
import { models } from '../steps/models.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(models).join(',') },
    steps: { type: 'string', default: '20000' },
    python: { type: 'string', default: process.env.ANTLER_PYTHON ?? '' },
  },
});
start();
const threads = 2;
const names = values.models.split(',');

/** @template T @param {string} task @param {string} model @param {number} count @returns {Promise<T>} */
const measured = (task, model, count) =>
  resultOf([process.execPath, fileURLToPath(new URL('tasks.mjs', import.meta.url)), task, model, String(count)], {
    threads,
    seconds: 200,
  });

const rows = [['what', 'measured', 'goal', 'beside it']];
/** @param {string[]} cells */
const row = (...cells) => {
  rows.push(cells);
  console.log(cells.join('  '));
};

/** @type {{ enqueued: number, trip: number }} */
const programs = await measured('programs', '', 10_000);
row(
  '10,000 programs on one number, each',
  `${programs.enqueued.toFixed(2)} µs`,
  '≤ 10 µs',
  `${programs.trip.toFixed(1)} µs with a read after each`,
);
for (const model of names) {
  /** @type {{ first: number, later: number }} */
  const { first, later } = await measured('firstStep', model, 10);
  row(
    `first step of ${model} beyond a later one`,
    `${(first - later).toFixed(0)} ms`,
    model === 'resnet' ? '≤ 300 ms' : '',
    `${later.toFixed(2)} ms for a later one`,
  );
}
for (const model of names) {
  // About a second of training each.
  const counts = { tiny: 2000, mlp: 300, cnn: 100, lstm: 150, gpt: 15, resnet: 15 };
  /** @type {{ p99: number, most: number }} */
  const { p99, most } = await measured('delay', model, counts[/** @type {keyof typeof counts} */ (model)]);
  row(
    `delay of the event loop while fit trains ${model}, 99th percentile`,
    `${p99.toFixed(1)} ms`,
    '< 20 ms',
    `${most.toFixed(1)} ms at most`,
  );
}
{
  /** Time of the line that says so; the process should then end by itself. */
  let done = NaN;
  const onLine = () => (done = performance.now());
  const script = fileURLToPath(new URL('tasks.mjs', import.meta.url));
  await resultOf([process.execPath, script, 'exit', 'cnn', '20'], { threads, onLine });
  row('end of the process after training', `${(performance.now() - done).toFixed(0)} ms`, '≤ 1000 ms', '');
}
{
  const mebibytes = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(1);
  /** @type {{ first: number, last: number, least: number, most: number }} */
  const { first, last, least, most } = await measured('resident', 'mlp', Number(values.steps));
  row(
    `resident memory over ${Number(values.steps).toLocaleString('en')} steps of mlp, most less least`,
    `${mebibytes(most - least)} MiB`,
    '≤ 16 MiB',
    `${mebibytes(first)} MiB at first, ${mebibytes(last)} at last`,
  );
}

const python = existsSync(values.python) ? values.python : undefined;
if (python === undefined) console.log('no Python given (--python, ANTLER_PYTHON): PyTorch is left out');
const memory = [['model, batch', 'Antler', 'PyTorch, eager', 'ours ÷ PyTorch', 'goal']];
/** @type {Record<string, string>} */
let versions = {};
for (const model of names) {
  const spec = models[model];
  if (spec === undefined) continue;
  const folder = mkdtempSync(join(tmpdir(), 'antler-memory-'));
  writeArrays(folder, spec, 1);
  /** @type {number[]} */
  const grown = [];
  for (const entry of entriesOf('step', folder, model, python).filter(({ name }) => /^Antler$|eager/.test(name))) {
    const contestant = new Contestant(entry, threads);
    await contestant.start();
    await contestant.ask('step', 20);
    grown.push((await contestant.ask('memory')).bytes / 2 ** 20);
    await contestant.stop();
    versions = { ...versions, ...contestant.versions };
  }
  rmSync(folder, { recursive: true });
  const [ours = NaN, theirs] = grown;
  const [peer, ratio] = theirs === undefined ? ['–', '–'] : [`${theirs.toFixed(0)} MiB`, (ours / theirs).toFixed(2)];
  memory.push([`${model}, ${spec.batch}`, `${ours.toFixed(0)} MiB`, peer, ratio, '≤ 1.0']);
  console.log(memory.at(-1)?.join('  '));
}
write([
  {
    title: 'Beside arithmetic',
    paragraphs: [
      setting({ antler: antlerVersion() }),
      `Every line from a process of its own, ${threads} threads. A program adds 1 to one number, and the next one takes its result. The first step compiles. Delays are those of a timer every millisecond (\`monitorEventLoopDelay\`), which are counted in.`,
      table(rows),
    ],
  },
  {
    title: 'Memory',
    paragraphs: [
      setting({ antler: antlerVersion(), ...versions }),
      `Peak of resident memory in 20 training steps, less what was resident once the libraries were loaded. ${threads} threads.`,
      table(memory),
    ],
  },
]);
