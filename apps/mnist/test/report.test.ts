/** The report on made-up predictions: numbers that can be checked by hand, and text as a reader sees it. */
import { describe, expect, test } from '@jest/globals';
import { drawImage } from '../src/digit.js';
import { classTable, confusionMatrix, report, type Results } from '../src/report.js';
import { score } from '../src/scores.js';
import { showCount, showSeconds, showShare, sideBySide, table } from '../src/text.js';

const names = ['cat', 'dog', 'owl'];
/** Truth: cat cat cat dog dog owl; answers: cat dog dog dog cat owl. */
const labels = [0, 0, 0, 1, 1, 2];
const probabilities = [
  [0.8, 0.1, 0.1],
  [0.3, 0.6, 0.1],
  [0.05, 0.9, 0.05],
  [0.2, 0.7, 0.1],
  [0.75, 0.2, 0.05],
  [0, 0, 1],
].flat();
const scores = score(probabilities, labels, names);

describe('score', () => {
  test('counts answers by truth', () => {
    expect(scores.matrix).toEqual([
      [1, 2, 0],
      [1, 1, 0],
      [0, 0, 1],
    ]);
    expect(scores.accuracy).toBe(0.5);
  });

  test('precision looks down a column, recall along a row', () => {
    expect(scores.classes[0]).toEqual({
      name: 'cat',
      precision: 1 / 2,
      recall: 1 / 3,
      support: 3,
      confusedWith: { name: 'dog', count: 2 },
    });
    expect(scores.classes[2]).toEqual({ name: 'owl', precision: 1, recall: 1, support: 1, confusedWith: undefined });
  });

  test('mistakes come surest first', () => {
    expect(scores.mistakes.map(({ index, confidence }) => [index, confidence])).toEqual([
      [2, 0.9],
      [4, 0.75],
      [1, 0.6],
    ]);
    expect(scores.mistakes[0]).toEqual({ index: 2, truth: 0, prediction: 1, confidence: 0.9 });
  });

  test('a class never said has no precision, a class never seen no recall', () => {
    const one = score([1, 0, 0], [1], names);
    expect(one.classes[1]!.precision).toBeNaN();
    expect(one.classes[2]!.recall).toBeNaN();
    expect(classTable(one)[2]).toBe('  dog          –   0.0 %        1  cat (1×)');
  });
});

describe('text', () => {
  test('numbers', () => {
    expect([0, 999, 1000, 1234567].map(showCount)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([0.97816, NaN].map((share) => showShare(share, 2))).toEqual(['97.82 %', '–']);
    expect([0.3149, 42, 125.2].map(showSeconds)).toEqual(['0.31 s', '42.0 s', '2 min 5 s']);
  });

  test('tables align right, or left where the head ends in a space', () => {
    expect(
      table([
        ['n', 'name '],
        ['10', 'a'],
        ['7', 'bcd'],
      ]),
    ).toEqual([' n  name', '10  a', ' 7  bcd']);
  });

  test('blocks stand side by side as far as the screen reaches; color codes take no room', () => {
    const blocks = [['ab', 'c'], ['\x1b[1md\x1b[0m'], ['ef']];
    expect(sideBySide(blocks, 6)).toEqual(['ab  \x1b[1md\x1b[0m', 'c', '', 'ef']);
    expect(sideBySide(blocks, 1)).toHaveLength(6);
  });
});

describe('drawImage', () => {
  const pixels = [0, 1, 0, 1, 0, 0, 1, 1, 0.5, 0.1, 0.4, 0];
  test('two pixels in a character, black and white', () => {
    expect(drawImage(pixels, 4, false)).toEqual([' ▀▄█', '▀ ▀'].map((line) => line.trimEnd()));
  });
  test('24 greys in color, each line closed', () => {
    expect(drawImage([1, 0, 0, 0.5], 2, true)).toEqual(['\x1b[38;5;255;48;5;232m▀\x1b[38;5;232;48;5;244m▀\x1b[0m']);
  });
});

describe('report', () => {
  const results: Results = {
    scores,
    loss: 0.51234,
    images: { data: Float32Array.from({ length: 6 * 4 }, (_, i) => i % 2), shape: [6, 2, 2] },
    backend: 'js',
    times: { load: 0.5, train: 20, evaluate: 1.25 },
    epochs: 2,
    trained: 1000,
    batchSize: 128,
  };

  test('reads as follows', () => {
    expect(report(results, { columns: 60, color: false })).toBe(`Test accuracy 50.00 %, loss 0.5123 (6 images)

digit  precision   recall  support  most confused with
  cat     50.0 %   33.3 %        3  dog (2×)
  dog     33.3 %   50.0 %        2  cat (1×)
  owl    100.0 %  100.0 %        1

Confusion matrix (down: truth, across: answer)

     cat  dog  owl
cat    1    2    ·
dog    1    1    ·
owl    ·    ·    1

The surest of 3 mistakes

 █                            █
cat, taken for dog (90.0 %)  dog, taken for cat (75.0 %)

 █
cat, taken for dog (60.0 %)

Backend   js
Training  20.0 s (10.0 s per epoch of 1,000 images)
          100 images/s, 1250.00 ms per step of 128
Other     loading 0.50 s, evaluation 1.25 s
`);
  });

  test('without mistakes shows none', () => {
    const perfect = score([1, 0, 0, 1], [0, 1], ['a', 'b']);
    expect(report({ ...results, scores: perfect }, { columns: 80, color: false })).not.toMatch(/mistakes/);
  });

  test('the matrix shows zeros as dots', () => {
    expect(confusionMatrix(scores)).toEqual([
      '     cat  dog  owl',
      'cat    1    2    ·',
      'dog    1    1    ·',
      'owl    ·    ·    1',
    ]);
  });
});
