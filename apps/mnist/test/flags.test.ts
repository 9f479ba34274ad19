/** The command line: what it accepts, and what it says about what it does not. */
import { describe, expect, test } from '@jest/globals';
import { FlagError, defaults, helpText, parseFlags } from '../src/flags.js';

describe('parseFlags', () => {
  test('nothing gives the defaults; both spellings of a value work; the last one counts', () => {
    expect(parseFlags([])).toEqual(defaults);
    expect(
      parseFlags(['--epochs', '3', '--batch-size=32', '--backend', 'js', '--limit', '100', '--seed', '0']),
    ).toEqual({
      model: 'mlp',
      epochs: 3,
      batchSize: 32,
      backend: 'js',
      limit: 100,
      seed: 0,
      help: false,
    });
    expect(parseFlags(['--epochs=3', '--epochs=4', '--help'])).toEqual({ ...defaults, epochs: 4, help: true });
  });

  const flags = '--model, --epochs, --batch-size, --backend, --limit, --seed, --help';
  test.each([
    [['--epoch', '3'], `expected a flag (${flags}), received "--epoch".`],
    [['3'], `expected a flag (${flags}), received "3".`],
    [['toString'], `expected a flag (${flags}), received "toString".`],
    [['--epochs'], '--epochs: expected a value (n), received nothing.'],
    [['--epochs', '--seed'], '--epochs: expected a value (n), received --seed.'],
    [['--epochs', '0'], '--epochs: expected a whole number >= 1, received "0".'],
    [['--epochs='], '--epochs: expected a whole number >= 1, received "".'],
    [['--limit', '1.5'], '--limit: expected a whole number >= 1, received "1.5".'],
    [['--model', 'vgg'], '--model: expected one of mlp, cnn, received "vgg".'],
    [['--help=yes'], '--help: expected no value, received "yes".'],
  ])('%j', (args, message) => {
    expect(() => parseFlags(args)).toThrow(new FlagError(message));
  });
});

test('the help names every flag with its default', () => {
  for (const line of ['--model <name>', '--epochs <n>', '--batch-size <n>', '(default: 64)', '--help']) {
    expect(helpText()).toContain(line);
  }
});
