/**
 * Names as arguments: `activation: 'relu'`, `optimizer: 'adam'`. They resolve through tables that someone gives, so that a
 * program which passes objects alone bundles nothing else. The `antler` package gives `standardNames`.
 */
import { ValueError, describe } from '@antler/core';
import type { Activation } from './activations.js';
import type { Initializer } from './initializers.js';
import type { Loss } from './losses/loss.js';
import type { Metric, MetricOptions } from './metrics/metric.js';
import { nearestName, plain } from './names.js';
import type { Optimizer } from './optimizers/optimizer.js';
import type { PartialShape } from './partialShape.js';
import type { Regularizer } from './regularizers.js';
import type { StepGuard } from './training/fit.js';

/** What a name can stand for, by kind. */
export interface NameTables {
  readonly activation: Readonly<Record<string, Activation>>;
  readonly initializer: Readonly<Record<string, () => Initializer>>;
  readonly loss: Readonly<Record<string, () => Loss>>;
  /** Made with the name that was asked for, which becomes the key in the logs; which one may depend on the data's shapes. */
  readonly metric: Readonly<
    Record<string, (options: MetricOptions, yTrue: PartialShape, yPred: PartialShape) => Metric>
  >;
  /** What `fit` may do about numbers that are not finite. */
  readonly onNonFinite: Readonly<Record<string, StepGuard>>;
  readonly optimizer: Readonly<Record<string, () => Optimizer>>;
  readonly regularizer: Readonly<Record<string, () => Regularizer>>;
}

/** A name as it was given, and what it stands for. */
type Entry<K extends keyof NameTables> = readonly [name: string, meaning: NameTables[K][string]];

/** By kind, the entries by their plain names. */
const given: { [K in keyof NameTables]?: Map<string, Entry<K>> } = {};

/** The search, which `installNames` puts here: nobody else has it in a bundle. */
let search: typeof find | undefined;

/**
 * Gives names, in addition to those given before; a later one replaces an earlier one.
 *
 * @example
 * installNames(standardNames);
 * installNames({ activation: { squared: (x) => square(x) } });
 */
export function installNames(tables: Partial<NameTables>): void {
  search = find;
  for (const kind of Object.keys(tables) as (keyof NameTables)[]) installKind(kind, tables[kind]!);
}

function installKind<K extends keyof NameTables>(kind: K, table: NameTables[K]): void {
  const entries: Map<string, Entry<K>> = (given[kind] ??= new Map() as never);
  for (const [name, meaning] of Object.entries(table) as [string, NameTables[K][string]][]) {
    entries.set(plain(name), [name, meaning]);
  }
}

/** What a name stands for. `where` names the function that was given it, as `dense: activation`. */
export function resolveName<K extends keyof NameTables>(where: string, kind: K, name: string): NameTables[K][string] {
  const meaning = search?.(where, kind, name);
  if (meaning !== undefined) return meaning;
  const expected = `an object (no ${kind} names are installed)`;
  throw new ValueError(describe(where, expected, JSON.stringify(name), 'Call installNames(standardNames).'));
}

/** Undefined when no names of this kind are given at all. */
function find<K extends keyof NameTables>(where: string, kind: K, name: string): NameTables[K][string] | undefined {
  const entries: Map<string, Entry<K>> | undefined = given[kind];
  const entry = entries?.get(plain(name));
  if (entries === undefined || entry !== undefined) return entry?.[1];
  const names = [...entries.values()].map(([known]) => known);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? undefined : `Did you mean ${JSON.stringify(nearest)}?`;
  throw new ValueError(describe(where, `one of ${names.join(', ')}`, JSON.stringify(name), hint));
}

/** The name under which something was given; undefined for what nobody named. */
export function nameOf<K extends keyof NameTables>(kind: K, meaning: NameTables[K][string]): string | undefined {
  for (const [name, known] of given[kind]?.values() ?? []) if (known === meaning) return name;
  return undefined;
}
