/** The lint rules that are the project's own, tried on text that breaks them. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The ids of the rules that a text breaks, as if it stood in core's index. */
function brokenRules(text: string): string[] {
  const args = ['tools/lint/main.mjs', '--stdin', '--stdin-filename', 'packages/core/src/index.ts', '--format', 'json'];
  // Otherwise typescript-eslint takes the file from the disk instead of the text.
  const env = { ...process.env, TSESTREE_SINGLE_RUN: 'false' };
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, input: text, encoding: 'utf8' });
  const files = JSON.parse(stdout || `"${stderr}"`) as { messages: { ruleId: string }[] }[];
  return files.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId)).sort();
}

test('boundaries and house style are enforced', () => {
  const text = [
    "import { x } from '@antler/layers';",
    "import { y } from '../../layers/src/index.js';",
    "import { readFileSync } from 'node:fs';",
    'export const z: unknown = [x, y, readFileSync];',
    'export default z;',
    '',
  ].join('\n');
  const rules = brokenRules(text).filter((rule) => !rule.startsWith('@typescript-eslint/'));
  expect(rules).toEqual([
    '@nx/enforce-module-boundaries',
    '@nx/enforce-module-boundaries',
    'no-restricted-imports',
    'no-restricted-syntax',
    'style/documented-export',
    'style/opening-sentence',
  ]);
}, 60_000);
