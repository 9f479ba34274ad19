/** Keys of parameters: equal keys mean equal parameters, down to −0 and NaN. A graph inside is represented by its own key. */

const keys = new WeakMap<object, string>();

/** The key of a node's parameters; computed once per object. */
export function paramsKey(params: object): string {
  let key = keys.get(params);
  if (key === undefined) {
    const json = JSON.stringify(params, represent);
    key = json === '{}' ? '' : json;
    keys.set(params, key);
  }
  return key;
}

function represent(_name: string, value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'object' && value !== null && 'nodes' in value && 'key' in value) return `<${String(value.key)}>`;
  return value;
}
