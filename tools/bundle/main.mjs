// `node ../../tools/bundle/main.mjs`, in a package: writes `dist/bundle.js`, the modules behind `dist/index.js` as one.
//
// Node.js opens, resolves and links each module of an import by itself, which takes longer than compiling them: the `node`
// condition in a package's exports names the bundle. Other bundlers get the modules, which they can leave out one by one.

import { build } from 'esbuild';

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
