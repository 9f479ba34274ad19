// `npm run size`: how large Antler is in a bundle, and how long Node takes to import it. Fails beyond the limits.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runNx } from '../setup/build.mjs';
import { root } from '../setup/setup.mjs';
import { bundle } from './bundle.mjs';

/** Bytes, gzipped: of a program that names its kernels, and a ratchet for one that takes the whole js backend. */
const sizeLimit = 60 * 1024;
const wholeLimit = 66 * 1024;
/** Milliseconds. */
const timeLimit = 40;
const shown = 15;
const imports = 15;

const { bytes, gzipped, parts } = await bundle(join(root, 'tools', 'size', 'mlp.ts'), root);
const namespaces = await bundle(join(root, 'tools', 'size', 'namespaces.ts'), root);
const kernels = await bundle(join(root, 'tools', 'size', 'kernels.ts'), root);
const kilobytes = (/** @type {number} */ count) => `${(count / 1024).toFixed(1)} KiB`.padStart(10);
console.log('core, layers and js for a small classifier:');
console.log(`${kilobytes(bytes)} minified`);
console.log(`${kilobytes(gzipped)} minified and gzipped, of at most ${kilobytes(wholeLimit).trim()}`);
console.log(`${kilobytes(namespaces.gzipped)} with layers.dense for Dense, from '@antler/layers/layers'`);
console.log(
  `${kilobytes(kernels.gzipped)} with a js backend of the kernels alone that it needs, of at most ${kilobytes(sizeLimit).trim()}`,
);
console.log('by package, minified:');
/** @type {Map<string, number>} */
const packages = new Map();
for (const { path, bytes: part } of parts) {
  const name = path.split('/').slice(0, 2).join('/');
  packages.set(name, (packages.get(name) ?? 0) + part);
}
for (const [name, sum] of [...packages].sort((a, b) => b[1] - a[1])) console.log(`${kilobytes(sum)}  ${name}`);
console.log(`the largest of ${parts.length} modules:`);
for (const { path, bytes: part } of parts.slice(0, shown)) console.log(`${kilobytes(part)}  ${path}`);

runNx(['run-many', '--target=build', '--projects=antler']);
const script = `const start = performance.now(); await import('antler'); console.log(performance.now() - start);`;
const times = Array.from({ length: imports }, () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  return Number(stdout);
}).sort((a, b) => a - b);
const median = times[Math.floor(imports / 2)] ?? NaN;
console.log(
  `import of antler in Node: ${median.toFixed(1)} ms (${times[0]?.toFixed(1)} – ${times.at(-1)?.toFixed(1)}, ${imports} processes), of at most ${timeLimit} ms`,
);
if (kernels.gzipped > sizeLimit || gzipped > wholeLimit || !(median <= timeLimit)) process.exitCode = 1;
