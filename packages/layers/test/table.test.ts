/** Tables as Keras draws them, of which the goldens of models are the main test. */
import { expect, test } from '@jest/globals';
import { drawTable } from '../src/table.js';

test('columns shrink in turn, long text wraps at spaces, long words are cut', () => {
  const table = drawTable(
    [
      { title: 'Layer (type)', align: 'left', width: 22 },
      { title: 'Param #', align: 'right', width: 12 },
    ],
    [
      ['ln1 (LayerNormalization)', '1,234'],
      ['a', '0'],
    ],
    31,
  );
  expect(`\n${table}\n`).toBe(`
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type)      ┃ Param # ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ ln1               │   1,234 │
│ (LayerNormalizat… │         │
├───────────────────┼─────────┤
│ a                 │       0 │
└───────────────────┴─────────┘
`);
});
