/** Reads the golden values of Keras: cases from index.json, arrays from safetensors files. */
import { readFileSync } from 'node:fs';
import type { HostArray } from '@antler/core';

const folder = new URL('./keras/', import.meta.url);

/** A case of index.json; which further fields it has depends on its kind. */
export interface GoldenCase {
  readonly id: string;
  readonly kind: string;
  readonly class: string;
  readonly file: string | null;
  /** Suggested tolerance, relative to max(1, largest magnitude of the tensor). */
  readonly tol: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

let index: readonly GoldenCase[] | undefined;
const files = new Map<string, ReadonlyMap<string, HostArray>>();

function all(): readonly GoldenCase[] {
  index ??= (JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as { cases: GoldenCase[] }).cases;
  return index;
}

/** The kinds of cases that there are, in their order. */
export function goldenKinds(): readonly string[] {
  return [...new Set(all().map(({ kind }) => kind))];
}

/** The cases of a kind, of one class if it is given. Throws when there are none, so that no test passes for want of cases. */
export function goldenCases(kind: string, className?: string): readonly GoldenCase[] {
  const found = all().filter((entry) => entry.kind === kind && (className === undefined || entry.class === className));
  if (found.length === 0) throw new Error(`no golden cases of ${kind} ${className ?? ''}`);
  return found;
}

/** The case of an id. */
export function goldenCase(kind: string, id: string): GoldenCase {
  const found = goldenCases(kind).find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no golden case ${kind} ${id}`);
  return found;
}

/** The arrays of a case by their names. */
export function goldenArrays({ id, file }: GoldenCase): Readonly<Record<string, HostArray>> {
  if (file === null) return {};
  let arrays = files.get(file);
  if (arrays === undefined) files.set(file, (arrays = readSafetensors(new URL(file, folder))));
  const prefix = `${id}/`;
  return Object.fromEntries(
    [...arrays].filter(([key]) => key.startsWith(prefix)).map(([key, array]) => [key.slice(prefix.length), array]),
  );
}

const types = {
  F32: { dtype: 'float32', array: Float32Array },
  I32: { dtype: 'int32', array: Int32Array },
  BOOL: { dtype: 'bool', array: Uint8Array },
} as const;

interface Entry {
  readonly dtype: keyof typeof types;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Length of the header (8 bytes, little endian), the header as JSON, then the data. */
export function readSafetensors(url: URL): ReadonlyMap<string, HostArray> {
  const bytes = readFileSync(url);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<string, Entry>;
  const arrays = new Map<string, HostArray>();
  for (const [key, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const type = types[dtype] as (typeof types)[Entry['dtype']] | undefined;
    if (type === undefined) throw new Error(`${url.pathname}: ${key} has dtype ${dtype}`);
    const part = bytes.subarray(8 + headerLength + offsets[0], 8 + headerLength + offsets[1]);
    const copy = new Uint8Array(part).buffer;
    arrays.set(key, { data: new type.array(copy), shape, dtype: type.dtype });
  }
  return arrays;
}

/** Largest difference, relative to max(1, largest magnitude of what is expected). Infinite where only one is a number. */
export function goldenDifference(received: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (received.length !== expected.length) return Infinity;
  let scale = 1;
  for (let i = 0; i < expected.length; i++)
    if (Number.isFinite(expected[i]!)) scale = Math.max(scale, Math.abs(expected[i]!));
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(received[i], expected[i]) || received[i] === expected[i]) continue;
    const difference = Math.abs(received[i]! - expected[i]!);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference / scale);
  }
  return worst;
}
