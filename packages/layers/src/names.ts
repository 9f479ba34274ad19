/** Names: the ones given to layers that have none, and the nearest known one to a name that is unknown. */

/** `InputLayer` → `input_layer`, `Conv2D` → `conv2d`, `SGD` → `sgd`: how Keras writes a class name as an instance name. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** `useBias` → `use_bias`: how Keras writes an argument or a function. */
export function underscored(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The `className` that an object's class states for itself, else the class's own name, which bundlers may change. */
export function classNameOf({ constructor }: object): string {
  return Object.hasOwn(constructor, 'className')
    ? String((constructor as { className?: string }).className)
    : constructor.name;
}

const counters = new Map<string, number>();

/** The next unused name for an instance of a class: `dense`, `dense_1`, `dense_2` … */
export function autoName(className: string): string {
  const prefix = snakeCase(className);
  const count = counters.get(prefix) ?? 0;
  counters.set(prefix, count + 1);
  return count === 0 ? prefix : `${prefix}_${count}`;
}

/** Starts the automatic names again at `dense`, so that a model built twice has the same names. */
export function resetNames(): void {
  counters.clear();
}

/** The candidate that needs the fewest single-character edits to become `name`; undefined when none is near. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** A name without case and underscores: `mean_squared_error`, `MeanSquaredError` and `meanSquaredError` are one name. */
export function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Levenshtein distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
