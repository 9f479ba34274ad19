// `npm run bench -- <pattern>`: measures the cases in tools/bench/cases whose file names hold the pattern.
//
// A file there exports `cases`, a list of things to run (see `Case` in measure.mjs), or `comparisons`, a list of things to
// run beside a peer (see compare.mjs). Without a pattern all are measured, and docs/benchmarks.md is written.

import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../setup/setup.mjs';
import { filesBelow } from '../sources.mjs';
import { compare } from './compare.mjs';
import { measure } from './measure.mjs';
import { comparisonSection } from './report.mjs';
import { start, versionOf, write } from './start.mjs';

start();
const pattern = process.argv[2] ?? '';
const files = filesBelow(join(root, 'tools', 'bench', 'cases'), /\.mjs$/).filter((path) =>
  basename(path).includes(pattern),
);
if (files.length === 0) console.log(`no benchmark in tools/bench/cases matches '${pattern}'`);
/** @type {import('./report.mjs').Row[]} */
const rows = [];
for (const file of files) {
  const { cases = [], comparisons = [] } =
    /** @type {{ cases?: import('./measure.mjs').Case[], comparisons?: import('./compare.mjs').Comparison[] }} */ (
      await import(pathToFileURL(file).href)
    );
  for (const subject of cases) {
    const { repetitions, minimum, median, maximum } = await measure(subject, { seconds: 1 });
    const [low, middle, high] = [minimum, median, maximum].map((time) => time.toFixed(3).padStart(10));
    console.log(`${middle} ms (${low} – ${high}, ${repetitions} times)  ${basename(file, '.mjs')}: ${subject.title}`);
  }
  for (const comparison of comparisons) {
    const compared = await compare(comparison, { seconds: 2 });
    const { ours, peer, ratio, check } = compared;
    const [our, their] = [ours, peer].map(({ median }) => median.toFixed(3).padStart(10));
    console.log(`${our} ms, peer ${their} ms: ${ratio.toFixed(1)} × (goal ${comparison.goal})  ${comparison.title}`);
    console.log(`    ${check}`);
    rows.push({ comparison, compared });
  }
}
if (pattern === '') {
  const { resolve } = createRequire(import.meta.url);
  const names = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'];
  const versions = Object.fromEntries(names.map((name) => [name, versionOf(resolve(`${name}/package.json`))]));
  const title = 'The js backend beside TensorFlow.js';
  write([{ title, paragraphs: comparisonSection(rows, { versions }) }]);
}
