/** The generated C++ header beside core's table. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { headerPath, renderHeader } from '../opcodes/header.mjs';

test('the header of opcodes is what node tools/opcodes/main.mjs would write', async () => {
  expect(readFileSync(headerPath, 'utf8')).toBe(await renderHeader());
});
