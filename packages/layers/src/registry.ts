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
import type { Regularizer } from './regularizers.js';

/** What a name can stand for, by kind. */
export interface NameTables {
  readonly activation: Readonly<Record<string, Activation>>;
  readonly initializer: Readonly<Record<string, () => Initializer>>;
  readonly loss: Readonly<Record<string, () => Loss>>;
  /** Made with the name that was asked for, which becomes the key in the logs. */
  readonly metric: Readonly<Record<string, (options: MetricOptions) => Metric>>;
  readonly optimizer: Readonly<Record<string, () => Optimizer>>;
  readonly regularizer: Readonly<Record<string, () => Regularizer>>;
}

const given: { [K in keyof NameTables]: Map<string, readonly [name: string, NameTables[K][string]]> } = {
  activation: new Map(),
  initializer: new Map(),
  loss: new Map(),
  metric: new Map(),
  optimizer: new Map(),
  regularizer: new Map(),
};

/**
 * Gives names, in addition to those given before; a later one replaces an earlier one.
 *
 * @example
 * installNames(standardNames);
 * installNames({ activation: { squared: (x) => square(x) } });
 */
export function installNames(tables: Partial<NameTables>): void {
  for (const kind of Object.keys(tables) as (keyof NameTables)[]) installKind(kind, tables[kind]!);
}

function installKind<K extends keyof NameTables>(kind: K, table: NameTables[K]): void {
  for (const [name, meaning] of Object.entries(table) as [string, NameTables[K][string]][]) {
    given[kind].set(plain(name), [name, meaning]);
  }
}

/**
 * What a name stands for. `where` names the function that was given it, as `dense: activation`; `others` are names that it knows
 * beside those of the table.
 */
export function resolveName<K extends keyof NameTables>(
  where: string,
  kind: K,
  name: string,
  others: readonly string[] = [],
): NameTables[K][string] {
  const entry = given[kind].get(plain(name));
  if (entry !== undefined) return entry[1];
  const names = [...others, ...[...given[kind].values()].map(([known]) => known)];
  if (given[kind].size === 0) {
    throw new ValueError(
      describe(
        where,
        `an object (no ${kind} names are installed)`,
        JSON.stringify(name),
        'Call installNames(standardNames).',
      ),
    );
  }
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? undefined : `Did you mean ${JSON.stringify(nearest)}?`;
  throw new ValueError(describe(where, `one of ${names.join(', ')}`, JSON.stringify(name), hint));
}

/** The name under which something was given; undefined for what nobody named. */
export function nameOf<K extends keyof NameTables>(kind: K, meaning: NameTables[K][string]): string | undefined {
  for (const [name, known] of given[kind].values()) if (known === meaning) return name;
  return undefined;
}
