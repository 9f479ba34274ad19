// `npm run bench:latency`: predictions of one row beside ONNX Runtime, with the same weights.
//
// --nets mlp,cnn,mobilenet  --threads 2,1  --rounds 5. The peer is installed by `npm run bench:peers`; without it ours are
// timed alone.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { timing } from '../measure.mjs';
import { duration, setting, table } from '../page.mjs';
import { start, write } from '../start.mjs';
import { Contestant } from '../steps/contestant.mjs';
import { nets } from './nets.mjs';

const { values } = parseArgs({
  options: {
    nets: { type: 'string', default: Object.keys(nets).join(',') },
    threads: { type: 'string', default: '2,1' },
    rounds: { type: 'string', default: '5' },
  },
});
start();
const { modelOf } = await import('./model.mjs');
const { onnxFile } = await import('./onnx.mjs');

/** How far outputs may be apart, of the largest. */
const agreement = 1e-4;

const folder = mkdtempSync(join(tmpdir(), 'antler-latency-'));
/** @param {string} script @param {string[]} rest */
const run = (script, ...rest) => [process.execPath, fileURLToPath(new URL(script, import.meta.url)), ...rest];
const rows = [
  ['network', 'threads', 'Antler, predict', 'Antler, predictOnBatch', 'ONNX Runtime', 'predict ÷ peer', 'goal'],
];
/** @type {Record<string, string>} */
let versions = {};
/** @type {Set<string>} */
const notes = new Set();

for (const net of values.nets.split(',')) {
  const file = join(folder, `${net}.onnx`);
  try {
    const weights = await modelOf(net).getWeights();
    const plain = weights.map(({ shape, data }) => ({ shape, data: Float32Array.from(data) }));
    writeFileSync(file, await onnxFile(net, plain));
  } catch (error) {
    notes.add(String(error));
  }
  for (const threads of values.threads.split(',').map(Number)) {
    const sides = [
      run('antler.mjs', net, 'predict'),
      run('antler.mjs', net, 'predictOnBatch'),
      run('../peers/onnxruntime.mjs', net, file),
    ].map((command) => ({
      contestant: new Contestant({ name: net, command, asks: 'step' }, threads),
      /** @type {number[]} */
      times: [],
      /** @type {readonly number[]} */
      outputs: [],
      count: 3,
      present: true,
    }));
    /** One after the other. @param {(side: typeof sides[number]) => Promise<void>} act */
    const each = async (act) => {
      for (const side of sides.filter(({ present }) => present)) {
        await act(side).catch((/** @type {Error} */ error) => {
          side.present = false;
          notes.add(error.message);
        });
      }
    };
    await each(({ contestant }) => contestant.start());
    await each(async (side) => void (side.outputs = (await side.contestant.ask('check')).outputs));
    await each(async (side) => {
      await side.contestant.ask('step', 10);
      const { ms } = await side.contestant.ask('step', 10);
      side.count = Math.max(3, Math.min(2000, Math.round(300 / Math.min(...ms))));
    });
    for (let round = 0; round < Number(values.rounds); round++) {
      await each(async (side) => void side.times.push(...(await side.contestant.ask('step', side.count)).ms));
    }
    for (const { contestant, present } of sides) {
      await contestant.stop();
      if (present) versions = { ...versions, ...contestant.versions };
    }
    const [first, , peer] = sides;
    if (peer?.present === true) {
      const apart = distance(first?.outputs ?? [], peer.outputs);
      if (!(apart <= agreement)) throw new Error(`bench:latency: the outputs of ${net} are ${apart} apart`);
      notes.add(`${net}: outputs at most ${apart.toExponential(1)} of the largest apart`);
    }
    const medians = sides.map(({ times }) => (times.length === 0 ? undefined : timing(times).median));
    const [ours = NaN, , theirs] = medians;
    const cells = medians.map((time) => (time === undefined ? '–' : duration(time)));
    rows.push([net, String(threads), ...cells, theirs === undefined ? '–' : (ours / theirs).toFixed(2), '≤ 1.0']);
    console.log(rows.at(-1)?.join('  '));
  }
}
rmSync(folder, { recursive: true });
for (const note of notes) console.log(note);
write([
  {
    title: 'Predictions of one row',
    paragraphs: [
      setting(versions),
      'From an array on the host to the outputs on the host, batch 1, float32; medians, in turns, every side a process of its own on the same processors. Both have the same weights: the file of ONNX is written from ours, channels first, as ONNX Runtime prefers them. `mobilenet` is MobileNetV2 on 224 × 224 pixels.',
      table(rows),
      [...notes].map((note) => `- ${note}`).join('\n'),
    ],
  },
]);

/** The largest difference, as a part of the largest number. @param {readonly number[]} a @param {readonly number[]} b */
function distance(a, b) {
  if (a.length !== b.length) return NaN;
  const largest = Math.max(...a.map(Math.abs));
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN)))) / largest;
}
