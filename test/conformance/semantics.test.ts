/** The document of meanings and the cases that prove it are one list. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { semanticsCases } from './core/semantics.js';

test('every row of docs/semantics.md has a case, and every case a row', () => {
  const text = readFileSync(new URL('../../docs/semantics.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (Meaning|---)/.test(line));
  const named = rows.map((line) => /`([^`]+)` *\|$/.exec(line)?.[1] ?? `no case: ${line}`);
  expect(named).toEqual(semanticsCases.map(({ name }) => name));
});
