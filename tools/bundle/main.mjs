// `node ../../tools/bundle/main.mjs`, in a package: writes `dist/bundle.js`, the modules behind `dist/index.js` as one.
// For a namespace that has an entry of its own (`./random`), `dist/bundle.random.js` has its members, out of the bundle.
//
// Node.js opens, resolves and links each module of an import by itself, which takes longer than compiling them: the `node`
// condition in a package's exports names the bundle. Other bundlers get the modules, which they can leave out one by one.

import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { withoutSpareNames } from './names.mjs';

await build({
  entryPoints: ['dist/index.js'],
  outfile: 'dist/bundle.js',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  // Two modules may have functions of one name; what a function says its name is must not change.
  keepNames: true,
});
writeFileSync('dist/bundle.js', withoutSpareNames(readFileSync('dist/bundle.js', 'utf8')));

/** @type {{ exports: Record<string, { node: string, import: string }> }} */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const [entry, { node, import: module }] of Object.entries(exports)) {
  if (entry === '.') continue;
  const name = entry.slice('./'.length);
  const members = Object.keys(await import(pathToFileURL(module).href)).join(', ');
  writeFileSync(node, `import { ${name} } from './bundle.js';\nexport const { ${members} } = ${name};\n`);
}
