/** Loop kernels: the members of a cluster as one scalar program, over as few axes as its views allow. */
import { axesOf, coalesce, pick } from './axes.js';
import { typeOf, viewOf, type Block } from './block.js';
import { addTerms, type Body } from './body.js';
import { termKey } from './expand.js';
import { keptSpace, type Cluster } from './fuse.js';
import type { Instruction, Kernel, LoopKernel, Reduction, Store, View } from './program.js';
import type { LoopStep } from './steps.js';
import type { Access } from './views.js';

/** The values that somebody reads from memory. */
export type Wanted = Pick<ReadonlySet<number>, 'has'>;

const isWanted = (step: LoopStep, wanted: Wanted): boolean => !step.own || wanted.has(step.target);

/** Scopes, each once. */
export const scopesOf = (scopes: readonly string[]): string[] => [...new Set(scopes)].filter((scope) => scope !== '');

/** Scopes of everything that is computed for some steps. */
export function scopesIn(block: Block, steps: readonly LoopStep[]): string[] {
  return scopesOf(
    steps.flatMap(({ terms, scope }) => [
      ...terms.flatMap(({ value, from }) => (from === 'computed' ? [block.makers[value]?.scope ?? ''] : [])),
      scope,
    ]),
  );
}

function storeView(block: Block, step: LoopStep, space: readonly number[], arrange: Body['arrange']): View {
  const value = step.terms[step.terms.length - 1]!.value;
  const memory = step.memory();
  const { offset, strides } = step.place;
  const view = viewOf(
    { ...memory, offset: memory.offset + offset },
    { shape: space, dtype: typeOf(block, value).dtype },
    { offset: 0, strides },
    space,
  );
  return { ...view, strides: arrange(view.strides) };
}

/** Runs a step at one level: its terms, its store, and its value for the steps that follow. */
export function addStep(block: Block, body: Body, step: LoopStep, stores: Store[], wanted: Wanted): number {
  const value = addTerms(block, body, step.terms);
  if (step.own) body.known.set(termKey(step.target, step.place), value);
  if (isWanted(step, wanted)) stores.push({ view: storeView(block, step, body.space, body.arrange), value });
  return value;
}

/** The kernel of a cluster without a head; none when nothing of it is wanted. */
export function emitLoop(block: Block, cluster: Cluster, wanted: Wanted): Kernel[] {
  const kernel = loopKernel(block, cluster, wanted);
  return kernel.stores.length === 0 ? [] : [kernel];
}

/** A loop before its axes are joined: kept axes first, then the folded ones. */
function loopKernel(block: Block, cluster: Cluster, wanted: Wanted): LoopKernel {
  const { space, reduced, members } = cluster;
  const keptAxes = space.flatMap((_, axis) => (reduced?.[axis] ? [] : [axis]));
  const foldedAxes = space.flatMap((_, axis) => (reduced?.[axis] ? [axis] : []));
  const order = [...keptAxes, ...foldedAxes];
  const inputs: View[] = [];
  const stores: Store[] = [];
  const body: Body = {
    instructions: [],
    base: 0,
    known: new Map(),
    space,
    arrange: (strides) => pick(strides, order),
    inputs,
  };
  const folds: { readonly step: LoopStep; readonly value: number }[] = [];
  for (const { step, level } of members) {
    if (level !== 'body') continue;
    if (step.reduce !== null) folds.push({ step, value: addTerms(block, body, step.terms) });
    else addStep(block, body, step, stores, wanted);
  }
  const outer: Body = {
    instructions: [],
    base: body.instructions.length + folds.length,
    known: new Map(),
    space: keptSpace(cluster),
    arrange: (strides) => [...strides, ...foldedAxes.map(() => 0)],
    inputs,
  };
  const reductions = folds.map(({ step, value }, i): Reduction => {
    const number = body.instructions.length + i;
    outer.known.set(termKey(step.target, step.place), number);
    if (wanted.has(step.target)) {
      const access: Access = step.place;
      const view = viewOf(step.memory(), typeOf(block, step.target), access, outer.space);
      stores.push({ view: { ...view, strides: outer.arrange(view.strides) }, value: number });
    }
    return { op: step.reduce!.op, value };
  });
  for (const { step, level } of members) {
    if (level === 'epilogue') addStep(block, outer, step, stores, wanted);
  }
  const loop = {
    shape: pick(space, order),
    reduced: foldedAxes.length,
    inputs,
    body: body.instructions,
    reductions,
    epilogue: outer.instructions,
    stores,
    scopes: scopesIn(
      block,
      members.map(({ step }) => step),
    ),
  };
  return normalizeLoop(loop);
}

/** The same loop over as few axes as its views allow. */
export function normalizeLoop(loop: Omit<LoopKernel, 'kind'>): LoopKernel {
  const kept = loop.shape.length - loop.reduced;
  const instructions = [...loop.body, ...loop.epilogue];
  const indexed = new Set(instructions.flatMap((step) => (step.op === 'index' ? [step.axis] : [])));
  const views = [...loop.inputs, ...loop.stores.map(({ view }) => view)];
  const axes = coalesce(
    {
      sizes: loop.shape,
      groups: loop.shape.map((_, axis) => (axis < kept ? 0 : 1)),
      rows: views.map(({ strides }) => strides),
    },
    indexed,
  );
  const rename = (step: Instruction): Instruction =>
    step.op === 'index' ? { ...step, axis: axes.renamed.get(step.axis)! } : step;
  const offset = loop.inputs.length;
  return {
    kind: 'loop',
    ...loop,
    shape: axes.sizes,
    reduced: axesOf(axes, 1).length,
    inputs: loop.inputs.map((view, i) => ({ ...view, strides: axes.rows[i]! })),
    body: loop.body.map(rename),
    epilogue: loop.epilogue.map(rename),
    stores: loop.stores.map((store, i) => ({ ...store, view: { ...store.view, strides: axes.rows[offset + i]! } })),
  };
}
