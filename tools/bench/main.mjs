// `npm run bench -- <pattern>`: measures the cases in tools/bench/cases whose file names hold the pattern.
//
// A file there exports `cases`, a list of things to run (see `Case` in measure.mjs).

import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runNx } from '../setup/build.mjs';
import { root, setup } from '../setup/setup.mjs';
import { filesBelow } from '../sources.mjs';
import { measure } from './measure.mjs';

setup({ system: false });
runNx(['run-many', '--target=build', '--projects=packages/*']);
const pattern = process.argv[2] ?? '';
const files = filesBelow(join(root, 'tools', 'bench', 'cases'), /\.mjs$/).filter((path) =>
  basename(path).includes(pattern),
);
if (files.length === 0) console.log(`no benchmark in tools/bench/cases matches '${pattern}'`);
for (const file of files) {
  const { cases } = /** @type {{ cases: import('./measure.mjs').Case[] }} */ (await import(pathToFileURL(file).href));
  for (const subject of cases) {
    const { repetitions, minimum, median, maximum } = await measure(subject, { seconds: 1 });
    const [low, middle, high] = [minimum, median, maximum].map((time) => time.toFixed(3).padStart(10));
    console.log(`${middle} ms (${low} – ${high}, ${repetitions} times)  ${basename(file, '.mjs')}: ${subject.title}`);
  }
}
