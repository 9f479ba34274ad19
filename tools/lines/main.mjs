// `npm run lines`: a table of code lines by package and file; fails if a budget is exceeded. With --brief, sums only.

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../setup/setup.mjs';
import { filesBelow } from '../sources.mjs';
import { budgets, overBudget, total } from './budget.mjs';
import { countCodeLines } from './count.mjs';

const brief = process.argv.includes('--brief');
const sources = /(?<!\.test|\.gen)\.(ts|mjs|cc|cpp|h|cu|wgsl)$/;
const files = ['packages', 'native', 'apps', 'tools']
  .flatMap((folder) => filesBelow(join(root, folder), sources))
  .map((path) => ({ path: relative(root, path), lines: countCodeLines(readFileSync(path, 'utf8')) }))
  .filter(({ path }) => !/^[^/]+\/([^/]+\/)?test\//.test(path));

/** The folder that counts as one unit: a package, an app, or a whole top folder. @param {string} path */
const unit = (path) => /^(packages|apps|native)\/[^/]+|^[^/]+/.exec(path)?.[0] ?? path;

for (const name of new Set(files.map(({ path }) => unit(path)))) {
  const own = files.filter(({ path }) => unit(path) === name);
  row(total(own), name);
  if (!brief) for (const { path, lines } of own) row(lines, `  ${path.slice(name.length + 1)}`);
}
row(total(files), 'all');
for (const { title, limit, covers } of budgets) {
  row(total(files.filter(({ path }) => covers(path))), `${title}, of at most ${limit}`);
}
const broken = overBudget(files);
for (const line of broken) console.error(`over budget: ${line}`);
if (broken.length > 0) process.exitCode = 1;

/** @param {number} lines @param {string} title */
function row(lines, title) {
  console.log(`${String(lines).padStart(7)}  ${title}`);
}
