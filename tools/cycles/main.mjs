// `npm run cycles`: fails if source files import each other in a circle, and prints a shortest circle of each group.

import { join, relative } from 'node:path';
import { root } from '../setup/setup.mjs';
import { filesBelow, packages } from '../sources.mjs';
import { findCycles } from './cycles.mjs';
import { importGraph } from './imports.mjs';

const folders = ['packages', 'apps', 'tools', 'test'].map((name) => join(root, name));
const files = folders.flatMap((folder) => filesBelow(folder, /\.(ts|mjs)$/));
const entries = new Map([...packages(root)].map(([name, folder]) => [name, join(folder, 'src', 'index.ts')]));
const cycles = findCycles(importGraph(files, entries));
for (const cycle of cycles) {
  console.error(`import cycle: ${[...cycle, cycle[0] ?? ''].map((path) => relative(root, path)).join(' → ')}`);
}
console.log(`${files.length} files, ${cycles.length === 0 ? 'no' : cycles.length} import cycles`);
if (cycles.length > 0) process.exitCode = 1;
