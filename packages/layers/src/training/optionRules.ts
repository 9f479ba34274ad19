/** What options may be: one that nobody reads is an error, since a slip of the pen would go unnoticed. */
import { ValueError, describe } from '@antler/core';

/** For each option the least whole number that it may be, or null where it is no count. A table that lacks one does not compile. */
export type OptionRules<Options> = Readonly<Record<keyof Options, number | null>>;

/** Refuses options that nobody reads, and counts that are none. */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  rules: OptionRules<Options>,
): void {
  for (const [name, value] of Object.entries(options) as [keyof Options & string, unknown][]) {
    const least = rules[name] as number | null | undefined;
    if (least === undefined) {
      const expected = `one of ${Object.keys(rules).join(', ')}`;
      throw new ValueError(describe(`${where}: options`, expected, JSON.stringify(name)));
    }
    if (least === null || value === undefined || (Number.isInteger(value) && (value as number) >= least)) continue;
    const received = typeof value === 'string' ? JSON.stringify(value) : `${value as number}`;
    throw new ValueError(describe(`${where}: ${name}`, `a whole number >= ${least}`, received));
  }
}
