/** Logs: the numbers of a step. A compiled step gives them as one vector, read when someone asks. */
import { ShapeError, ValueError, cast, describe, stack, type Tensor, showShape } from '@antler/core';

/** Numbers by name, sorted by name. */
export type Logs = Readonly<Record<string, number>>;

/** What a step gives: scalars by name. */
export type StepResult = Readonly<Record<string, Tensor>>;

/**
 * Logs of a batch that may still be on the device. Reading waits for the step; a callback with `batchLogs = true` gets them
 * read already.
 */
export class BatchLogs {
  readonly #names: readonly string[];
  readonly #vector: Tensor;
  #reading: Promise<Logs> | undefined;
  #numbers: Logs | undefined;

  constructor(names: readonly string[], vector: Tensor) {
    this.#names = names;
    this.#vector = vector;
  }

  /** The numbers, when they are there. Read once, however often it is asked for. */
  read(): Promise<Logs> {
    if (this.#reading !== undefined) return this.#reading;
    this.#reading = this.#vector.data().then((values) => {
      this.#numbers = Object.fromEntries(this.#names.map((name, i) => [name, values[i]!]));
      return this.#numbers;
    });
    // The reading has its place in the order of the device.
    this.#vector.dispose();
    return this.#reading;
  }

  /** To be called where nobody will read them any more, so that the collector need not look for them. */
  forget(): void {
    if (this.#reading === undefined) this.#vector.dispose();
  }

  /** The numbers, once they have been read. */
  get numbers(): Logs {
    if (this.#numbers !== undefined) return this.#numbers;
    throw new ValueError(
      describe(
        'logs.numbers',
        'logs that were read',
        'logs still on the device',
        'Await logs.read(), or set batchLogs = true.',
      ),
    );
  }
}

/** Names in the order of a step's vector. */
export function logNames(result: StepResult): readonly string[] {
  return Object.keys(result).sort();
}

/** One vector of all scalars of a step, in the order of their names. */
export function packLogs(result: StepResult): Tensor {
  const scalar = (name: string): Tensor => {
    const value = result[name]!;
    if (value.rank === 0) return cast(value, 'float32');
    const hint = 'A metric with a result for each class needs an average to be in the logs.';
    throw new ShapeError(describe(`logs: ${name}`, 'a scalar', `shape ${showShape(value.shape)}`, hint));
  };
  return stack(logNames(result).map(scalar));
}
