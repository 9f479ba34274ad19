/**
 * One core per process: a second copy would have a window, devices and a generator of its own, and mix up tensors silently.
 * The first copy that is used leaves a mark; importing leaves none.
 */
import { AntlerError, describe } from './errors.js';

const mark = Symbol.for('@antler/core');
const self = {};

/** Throws when another copy of this package is in use. */
export function claimProcess(): void {
  const first: unknown = Reflect.get(globalThis, mark);
  if (first === undefined) Reflect.set(globalThis, mark, self);
  if (first === undefined || first === self) return;
  const hint = 'Let all packages depend on one version: `npm ls @antler/core` shows which do not.';
  throw new AntlerError(describe('@antler/core', 'one copy of it in the process', 'a second one', hint));
}
