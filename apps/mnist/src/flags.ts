/** The command line: one table of flags, from which parsing, checking and the help text follow. */

/** Networks that can be asked for. */
export const modelNames = ['mlp', 'cnn'] as const;

/** One of the networks. */
export type ModelName = (typeof modelNames)[number];

/** What the program is asked to do. */
export interface Options {
  readonly model: ModelName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly backend: string | undefined;
  readonly limit: number | undefined;
  readonly seed: number;
  readonly help: boolean;
}

/** A command line that cannot be followed. */
export class FlagError extends Error {
  override readonly name: string = 'FlagError';
}

interface Flag {
  readonly option: keyof Options;
  /** Name of the value in the help text; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  parse(text: string): string | number | boolean;
}

const wholeNumber =
  (flag: string, least: number): Flag['parse'] =>
  (text) => {
    const number = Number(text);
    if (text !== '' && Number.isSafeInteger(number) && number >= least) return number;
    throw new FlagError(`${flag}: expected a whole number >= ${least}, received ${JSON.stringify(text)}.`);
  };

const oneOf =
  (flag: string, choices: readonly string[]): Flag['parse'] =>
  (text) => {
    if (choices.includes(text)) return text;
    throw new FlagError(`${flag}: expected one of ${choices.join(', ')}, received ${JSON.stringify(text)}.`);
  };

/** The defaults, which `help` shows. */
export const defaults: Options = {
  model: 'mlp',
  epochs: 5,
  batchSize: 64,
  backend: undefined,
  limit: undefined,
  seed: 1,
  help: false,
};

const flags: Readonly<Record<string, Flag>> = {
  '--model': {
    option: 'model',
    value: 'name',
    help: `network: ${modelNames.join(', ')}`,
    parse: oneOf('--model', modelNames),
  },
  '--epochs': {
    option: 'epochs',
    value: 'n',
    help: 'passes over the training images',
    parse: wholeNumber('--epochs', 1),
  },
  '--batch-size': { option: 'batchSize', value: 'n', help: 'images per step', parse: wholeNumber('--batch-size', 1) },
  '--backend': { option: 'backend', value: 'name', help: 'device to compute on', parse: (text) => text },
  '--limit': {
    option: 'limit',
    value: 'n',
    help: 'use the first n training and test images',
    parse: wholeNumber('--limit', 1),
  },
  '--seed': { option: 'seed', value: 'n', help: 'seed of weights, order and dropout', parse: wholeNumber('--seed', 0) },
  '--help': { option: 'help', help: 'this text', parse: () => true },
};

/** Options from the arguments, `--flag value` or `--flag=value`. Throws a FlagError that names what is wrong. */
export function parseFlags(args: readonly string[]): Options {
  const options: Record<string, string | number | boolean> = {};
  for (let at = 0; at < args.length; at++) {
    const [name, ...rest] = args[at]!.split('=');
    const flag = Object.hasOwn(flags, name!) ? flags[name!]! : undefined;
    if (flag === undefined) {
      throw new FlagError(`expected a flag (${Object.keys(flags).join(', ')}), received ${JSON.stringify(args[at])}.`);
    }
    const inline = rest.length > 0 ? rest.join('=') : undefined;
    if (flag.value === undefined && inline !== undefined)
      throw new FlagError(`${name}: expected no value, received "${inline}".`);
    const text = inline ?? (flag.value === undefined ? '' : args[++at]);
    if (text === undefined || (inline === undefined && text.startsWith('--'))) {
      throw new FlagError(`${name}: expected a value (${flag.value}), received ${text ?? 'nothing'}.`);
    }
    options[flag.option] = flag.parse(text);
  }
  return { ...defaults, ...options };
}

/** The help text. */
export function helpText(): string {
  const lines = Object.entries(flags).map(([name, { option, value, help }]) => {
    const preset = defaults[option];
    const shown = preset === undefined || preset === false ? '' : ` (default: ${preset})`;
    return `  ${`${name}${value === undefined ? '' : ` <${value}>`}`.padEnd(20)}${help}${shown}`;
  });
  return `Trains a classifier of handwritten digits on MNIST and reports how good it is.\n\nOptions:\n${lines.join('\n')}\n`;
}
