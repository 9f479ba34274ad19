/** Names of options: one that nobody reads is an error, since a slip of the pen would go unnoticed. */
import { ValueError, describe } from '@antler/core';

/** The names of some options, all of them: a table that lacks one does not compile. */
export type OptionNames<Options> = Readonly<Record<keyof Options, 1>>;

/** Refuses options that nobody reads. */
export function checkOptionNames<Options extends object>(
  where: string,
  options: Options,
  known: OptionNames<Options>,
): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new ValueError(
    describe(`${where}: options`, `some of ${Object.keys(known).join(', ')}`, JSON.stringify(unknown)),
  );
}
