/** Trees: values nested in arrays and plain objects, taken apart into leaves and put together again. */

/** How a tree was built; leaves are numbered in the order of a depth-first walk, object keys sorted. */
export type Structure =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'array'; readonly items: readonly Structure[] }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly items: readonly Structure[] };

const LEAF: Structure = { kind: 'leaf' };

function isPlainObject(x: unknown): x is Record<string, unknown> {
  if (typeof x !== 'object' || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  // A plain object of another realm has a prototype that ends the chain too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Takes a tree apart. Whatever is not an array or a plain object is a leaf. */
export function flatten(tree: unknown): { readonly leaves: unknown[]; readonly structure: Structure } {
  const leaves: unknown[] = [];
  const walk = (x: unknown): Structure => {
    if (Array.isArray(x)) return { kind: 'array', items: x.map(walk) };
    if (isPlainObject(x)) {
      const keys = Object.keys(x).sort();
      return { kind: 'object', keys, items: keys.map((key) => walk(x[key])) };
    }
    leaves.push(x);
    return LEAF;
  };
  return { leaves, structure: walk(tree) };
}

/** Puts a tree together from its leaves. */
export function unflatten(structure: Structure, leaves: readonly unknown[]): unknown {
  let next = 0;
  const build = (part: Structure): unknown => {
    if (part.kind === 'leaf') return leaves[next++];
    const items = part.items.map(build);
    return part.kind === 'array' ? items : Object.fromEntries(part.keys.map((key, i) => [key, items[i]]));
  };
  return build(structure);
}

/** Text that tells structures apart. */
export function structureKey(structure: Structure): string {
  if (structure.kind === 'leaf') return '*';
  const items = structure.items.map(structureKey);
  if (structure.kind === 'array') return `[${items.join()}]`;
  return `{${structure.keys.map((key, i) => `${JSON.stringify(key)}:${items[i]!}`).join()}}`;
}
