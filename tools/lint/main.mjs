// `npm run lint`: ESLint over the project, or over what its arguments say.
//
// The rule on package boundaries reads the graph that nx keeps and switches itself off where there is none, so the
// graph is made first.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runNx } from '../setup/build.mjs';
import { root } from '../setup/setup.mjs';

runNx(['show', 'projects']);
const require = createRequire(join(root, 'package.json'));
const eslint = join(dirname(require.resolve('eslint/package.json')), 'bin', 'eslint.js');
const given = process.argv.slice(2);
const args = given.every((arg) => arg.startsWith('--fix')) ? ['.', ...given] : given;
const { status } = spawnSync(process.execPath, [eslint, ...args], {
  cwd: root,
  env: { ...process.env, NX_DAEMON: 'false' },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
