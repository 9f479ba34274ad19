/**
 * Which values are stored, and the steps that make them. A value is computed inside the loop that reads it when one loop
 * alone does, or when computing it again is cheap. Both passes go from the last node to the first: readers come before what
 * they read, so every reason to store a value is known when it is reached.
 */
import { sizeOf } from '../shape.js';
import { isInlined, isView, typeOf, type Block, type Memory } from './block.js';
import { isCheap } from './expand.js';
import type { GraphNode } from './graph.js';
import { beginning, loopStep, operand, readingOf, stepsOf, storeSteps, type Step } from './steps.js';

/** A value that an output needs at another place than where it is. */
export interface Copy {
  readonly value: number;
  readonly memory: Memory;
}

/** Steps of the block in order, those of `copies` included. Marks stored values on the way. */
export function planSteps(block: Block, copies: readonly Copy[]): Step[] {
  chooseStored(block);
  const { nodes, inputs } = block.graph;
  // Copies of inputs come before everything else, so that nothing has to wait to overwrite them.
  const early = copies.filter(({ value }) => block.makers[value] === undefined);
  const others = copies.filter((copy) => !early.includes(copy));
  const reversed: (readonly Step[])[] = [copySteps(block, others)];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    reversed.push(stepsOf(block, node));
  }
  reversed.push(copySteps(block, early));
  for (let value = inputs.length - 1; value >= 0; value--) reversed.push(storeSteps(block, value, ''));
  return reversed.reverse().flat().filter(hasWork(block));
}

function copySteps(block: Block, copies: readonly Copy[]): Step[] {
  return copies.map(({ value, memory }) => loopStep(block, { value, target: -1 - memory.buffer, scope: '', memory }));
}

/** A loop over nothing is no work. */
const hasWork =
  (block: Block) =>
  (step: Step): boolean => {
    if (step.kind === 'loop') return !step.space.includes(0);
    return step.kind === 'kernel' || sizeOf(typeOf(block, step.target).shape) > 0;
  };

/** In several loops at once. */
const several = -1;

function chooseStored(block: Block): void {
  const { graph, stored } = block;
  /** The loop that reads a value: 0 none yet, or `several`. */
  const loop = new Int32Array(graph.types.length);
  let loops = 0;
  const enter = (value: number, reader: number): void => {
    loop[value] = loop[value] === 0 || loop[value] === reader ? reader : several;
  };
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    const [value] = node.outputs as readonly [number];
    if (isInlined(node) && !stored[value] && mustStore(block, node, loop[value] === several)) {
      stored[value] = true;
    }
    const along = stored[value] ? ++loops : loop[value]!;
    node.inputs.forEach((input, position) => {
      const reading = readingOf(node, position);
      if (reading === 'stored') operand(block, input);
      else if (reading === 'begun') beginning(block, input);
      else if (reading === 'apart') enter(input, ++loops);
      else enter(input, grows(block, node) ? several : along);
    });
  }
}

function mustStore(block: Block, node: GraphNode, repeated: boolean): boolean {
  if (isView(node) || node.inputs.length === 0) return false;
  return !block.context.fuse || (repeated && !isLight(block, node.outputs[0]!));
}

/** Operations that may be done again in every loop that reads their result. */
const lightest = 4;

/** True for a few cheap operations on one array: computing them again reads no more than reading their result. */
function isLight(block: Block, value: number): boolean {
  const arrays = new Set<number>();
  const stack = [value];
  let operations = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const maker = block.makers[next];
    if (maker === undefined || block.stored[next] || !isInlined(maker)) {
      if (sizeOf(typeOf(block, next).shape) > 1) arrays.add(next);
    } else {
      if (!isView(maker) && maker.inputs.length > 0) operations++;
      if (operations > lightest || arrays.size > 1 || !isCheap(maker)) return false;
      stack.push(...maker.inputs);
    }
  }
  return arrays.size <= 1;
}

/** True when each element of the operand is read many times. */
function grows(block: Block, node: GraphNode): boolean {
  if (!isView(node)) return false;
  return sizeOf(typeOf(block, node.outputs[0]!).shape) > sizeOf(typeOf(block, node.inputs[0]!).shape);
}
