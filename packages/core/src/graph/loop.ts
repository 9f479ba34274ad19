/** Loop kernels: the members of a cluster as one scalar program, over as few axes as its views allow. */
import { axesOf, coalesce, pick } from './axes.js';
import { typeOf, type Block } from './block.js';
import { addTerms, openBody, viewIn, type Body, type Parts } from './body.js';
import { termKey } from './expand.js';
import { keptSpace, type Cluster } from './fuse.js';
import type { Instruction, Kernel, LoopKernel, Reduction } from './program.js';
import type { LoopStep } from './steps.js';

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

/** Runs a step at one level: its terms, its store, and its value for the steps that follow. */
export function addStep(block: Block, body: Body, step: LoopStep): void {
  const value = addTerms(block, body, step.terms);
  const { own, target, place } = step;
  if (own) body.known.set(termKey(target, place), value);
  if (own && !body.wanted.has(target)) return;
  const memory = step.memory();
  const { dtype } = typeOf(block, step.terms.at(-1)!.value);
  const part = { ...memory, offset: memory.offset + place.offset };
  const view = viewIn(body, part, { shape: body.space, dtype }, { offset: 0, strides: place.strides });
  body.stores.push({ view, value });
}

/** The kernel of a cluster without a head; none when nothing of it is wanted. */
export function emitLoop(block: Block, cluster: Cluster, wanted: Parts['wanted']): Kernel[] {
  const kernel = loopKernel(block, cluster, wanted);
  return kernel.stores.length === 0 ? [] : [kernel];
}

/** A loop before its axes are joined: kept axes first, then the folded ones. */
function loopKernel(block: Block, cluster: Cluster, wanted: Parts['wanted']): LoopKernel {
  const { space, reduced, members } = cluster;
  const keptAxes = space.flatMap((_, axis) => (reduced?.[axis] ? [] : [axis]));
  const foldedAxes = space.flatMap((_, axis) => (reduced?.[axis] ? [axis] : []));
  const order = [...keptAxes, ...foldedAxes];
  const parts: Parts = { inputs: [], stores: [], wanted };
  const body = openBody(parts, { base: 0, space, arrange: (strides) => pick(strides, order) });
  const folds: { readonly step: LoopStep; readonly value: number }[] = [];
  for (const { step, level } of members) {
    if (level !== 'body') continue;
    if (step.reduce !== null) folds.push({ step, value: addTerms(block, body, step.terms) });
    else addStep(block, body, step);
  }
  const outer = openBody(parts, {
    base: body.instructions.length + folds.length,
    space: keptSpace(cluster),
    arrange: (strides) => [...strides, ...foldedAxes.map(() => 0)],
  });
  const reductions = folds.map(({ step, value }, i): Reduction => {
    const number = body.instructions.length + i;
    outer.known.set(termKey(step.target, step.place), number);
    if (wanted.has(step.target)) {
      const view = viewIn(outer, step.memory(), typeOf(block, step.target), step.place);
      parts.stores.push({ view, value: number });
    }
    return { op: step.reduce!.op, value };
  });
  for (const { step, level } of members) {
    if (level === 'epilogue') addStep(block, outer, step);
  }
  const loop = {
    shape: pick(space, order),
    reduced: foldedAxes.length,
    inputs: parts.inputs,
    body: body.instructions,
    reductions,
    epilogue: outer.instructions,
    stores: parts.stores,
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
