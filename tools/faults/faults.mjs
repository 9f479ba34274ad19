// Planted faults: mistakes that one could make in core or in the reference backend, each a replacement of text. The fuzzer is
// worth its time as long as it notices nearly all of them (`npm run faults`).

/** @typedef {{ file: string, from: string, to: string }} Fault */

const core = 'packages/core/src/';
const js = 'packages/backend-js/src/';

/** @type {readonly Fault[]} */
export const faults = [
  // Gradients.
  { file: `${core}lax.ts`, from: "binary('sub', [pass, (g) => neg(g)])", to: "binary('sub', [pass, (g) => g])" },
  { file: `${core}lax.ts`, from: 'neg(mul(g, sin(x)))', to: 'mul(g, sin(x))' },
  { file: `${core}lax.ts`, from: 'sub(like(y, 1), squared(y))', to: 'sub(like(y, 1), y)' },
  { file: `${core}lax.ts`, from: 'permutation.indexOf(axis)', to: 'permutation[axis]!' },
  { file: `${core}lax.ts`, from: 'stride.map((n) => n - 1);', to: 'stride.map(() => 0);' },
  {
    file: `${core}ops/primitives/indexing.ts`,
    from: "{ batch, mode: 'add' });",
    to: "{ batch, mode: 'set' as never });",
  },
  { file: `${core}autodiff/vjp.ts`, from: 'lax.add(sum, cotangent)', to: 'cotangent' },
  { file: `${core}ops/primitives/scan.ts`, from: 'reverse: !reverse', to: 'reverse' },
  // Views, plans, simplification.
  { file: `${core}primitives/movement.ts`, from: 'map(part, -1, input[axis]! - 1)', to: 'map(part, -1, input[axis]!)' },
  {
    file: `${core}primitives/movement.ts`,
    from: 'map(part, stride[axis]!, start[axis]!)',
    to: 'map(part, 1, start[axis]!)',
  },
  { file: `${core}graph/views.ts`, from: 'if (last >= size) return undefined;', to: '' },
  { file: `${core}graph/plan.ts`, from: 'life.last = at;', to: ';' },
  { file: `${core}graph/touch.ts`, from: 'sameWindow(read.view, view) && read.late', to: 'read.late' },
  { file: `${core}graph/assign.ts`, from: 'at < written ||', to: 'at !== written ||' },
  { file: `${core}graph/simplify.ts`, from: '${paramsKey(params)}`;', to: '`;' },
  // The reference backend.
  { file: `${js}generate/write.ts`, from: '(a, v) => `${a} * ${v}`', to: '(a, v) => `${v}`' },
  { file: `${js}indexed.ts`, from: 'index < 0 ?', to: 'index < -1 ?' },
  { file: `${js}scatter.ts`, from: 'update[i] = fold(old[i]!, update[i]!);', to: 'update[i] = update[i]!;' },
  { file: `${js}repeat.ts`, from: 'turn++', to: 'turn += 2' },
  { file: `${js}generate/expressions.ts`, from: '${c} !== 0 ? ${a} : ${b}', to: '${c} !== 0 ? ${b} : ${a}' },
];
