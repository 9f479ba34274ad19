/** Progress lines are Keras's, digit by digit. */
import { expect, test } from '@jest/globals';
import { formatNumber, formatRemaining, formatStepTime } from '../src/training/numberFormat.js';
import { type Output, ProgressLine } from '../src/training/progress.js';
import { goldenCase } from '../../../test/golden/keras.js';

/** Collects what is written; time is set by the test. */
class Recorder implements Output {
  text = '';
  seconds = 0;
  readonly isTerminal: boolean;
  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal;
  }
  write(text: string): void {
    this.text += text;
  }
  now(): number {
    return this.seconds;
  }
}

test('numbers are written as Keras writes them', () => {
  const pairs = goldenCase('utils', 'progbar_number_format_verbose2').pairs as [number | string, string][];
  for (const [value, text] of pairs) {
    expect([value, formatNumber(Number(value), 2)]).toEqual([value, text]);
    if (Number(value) > 0) expect(formatNumber(Number(value))).toBe(text);
  }
  expect(formatNumber(-0.5)).toBe('-0.5000');
  expect(formatNumber(-Infinity)).toBe('-inf');
});

test('ties at four digits go to the even digit, as in Python', () => {
  expect([1 / 32, 3 / 32, 5 / 32, 31 / 32, 1.03125, -3 / 32].map((x) => formatNumber(x))).toEqual([
    '0.0312',
    '0.0938',
    '0.1562',
    '0.9688',
    '1.0312',
    '-0.0938',
  ]);
});

test('times', () => {
  expect([0, 2.4, 0.0061, 0.00025].map(formatStepTime)).toEqual(['0s/step', '2s/step', '6ms/step', '250us/step']);
  expect([42.9, 65, 7384].map(formatRemaining)).toEqual(['42s', '1:05', '2:03:04']);
});

test('away from a terminal only the finished line is written, without colors', () => {
  const output = new Recorder(false);
  const line = new ProgressLine(output, 'auto', 469);
  for (let step = 1; step <= 469; step++) {
    output.seconds = step === 1 ? 0.192 : 0.192 + (step - 1) * 0.006;
    line.advance(step);
    line.draw(step, { loss: 1 });
  }
  line.finish({ accuracy: 0.9131, loss: 0.3004, val_accuracy: 0.9512, val_loss: 0.0005 });
  expect(output.text).toBe(
    '469/469 ━━━━━━━━━━━━━━━━━━━━ 3s 6ms/step - accuracy: 0.9131 - loss: 0.3004 - val_accuracy: 0.9512 - val_loss: 5.0000e-04\n',
  );
});

test('on a terminal the line is drawn over itself', () => {
  const output = new Recorder(true);
  const line = new ProgressLine(output, 1, 10);
  output.seconds = 1;
  line.advance(1);
  line.draw(1, { loss: 0.5 });
  expect(output.text).toBe(
    '\r\x1b[1m 1/10\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m9s\x1b[0m 1s/step - loss: 0.5000',
  );
  output.text = '';
  output.seconds = 1.9;
  line.finish({});
  expect(output.text).toBe(
    '\r\x1b[1m10/10\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m2s\x1b[0m 100ms/step' + `${' '.repeat(12)}\n`,
  );
});

test('a shorter line blanks the rest of the longer one before it', () => {
  const output = new Recorder(true);
  const line = new ProgressLine(output, 1, 2);
  output.seconds = 0.5;
  line.advance(1);
  line.draw(1, { loss: 0.5 });
  output.text = '';
  output.seconds = 1;
  line.finish({});
  expect(output.text.endsWith(`500ms/step${' '.repeat(' - loss: 0.5000'.length)}\n`)).toBe(true);
});

test('verbose 2 is one line per epoch, verbose 0 nothing', () => {
  const output = new Recorder(true);
  const line = new ProgressLine(output, 2, 5);
  output.seconds = 5;
  for (let step = 1; step <= 5; step++) line.advance(step);
  line.draw(3, { loss: 1 });
  line.finish({ loss: -0.5 });
  expect(output.text).toBe('5/5 - 5s - 0s/step - loss: -5.0000e-01\n');
  new ProgressLine(output, 0, 5).finish({ loss: 1 });
  expect(output.text).toBe('5/5 - 5s - 0s/step - loss: -5.0000e-01\n');
});

test('an unknown number of steps is known at the end', () => {
  const output = new Recorder(true);
  const line = new ProgressLine(output, 1, undefined);
  output.seconds = 2;
  line.advance(1);
  line.draw(1, {});
  expect(output.text).toBe('\r      1/Unknown \x1b[1m2s\x1b[0m 2s/step');
  output.text = '';
  line.finish({});
  expect(output.text).toContain('\x1b[1m1/1\x1b[0m');
});
