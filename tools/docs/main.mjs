// `npm run docs`: writes the pages that are made by running something. Now that is docs/conformance.md, out of the tests of
// the backends that this machine has.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../setup/setup.mjs';
import { runJest } from '../verify/jest.mjs';
import { conformancePage } from './conformance.mjs';

const folder = mkdtempSync(join(tmpdir(), 'antler-docs-'));
try {
  const path = join(folder, 'report.json');
  process.exitCode = runJest(['--ci', '--silent', '--json', `--outputFile=${path}`, 'test/backends']) ?? 1;
  const report = /** @type {import('./conformance.mjs').Report} */ (JSON.parse(readFileSync(path, 'utf8')));
  writeFileSync(join(root, 'docs', 'conformance.md'), conformancePage(report));
} finally {
  rmSync(folder, { recursive: true });
}
