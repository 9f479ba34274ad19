/**
 * Which values are stored, and the steps that make them. A value is computed inside the loop that reads it when one loop
 * alone does, or when computing it again is cheap. Both passes go from the last node to the first: readers come before what
 * they read, so every reason to store a value is known when it is reached.
 */
import { sizeOf } from '../shape.js';
import { isInlined, isView, typeOf, type Block, type Memory } from './block.js';
import { everyElement, isCheap, spaceOf } from './expand.js';
import type { GraphNode } from './graph.js';
import { families, loopStep, operand, storeSteps, type Step } from './steps.js';

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
  const isEarly = ({ value }: Copy): boolean => block.makers[value] === undefined;
  const reversed: (readonly Step[])[] = [
    copySteps(
      block,
      copies.filter((copy) => !isEarly(copy)),
    ),
  ];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const family = families[node.primitive];
    reversed.push(family.steps(block, node as never));
  }
  reversed.push(copySteps(block, copies.filter(isEarly)));
  for (let value = inputs.length - 1; value >= 0; value--) reversed.push(storeSteps(block, value, ''));
  return reversed.reverse().flat().filter(hasWork(block));
}

function copySteps(block: Block, copies: readonly Copy[]): Step[] {
  return copies.map(({ value, memory }) => {
    const { shape } = typeOf(block, value);
    const at = everyElement(shape);
    return loopStep(block, { value, access: at, space: spaceOf(shape), target: -1, place: at, scope: '', memory });
  });
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

/** How often in a row a value may be computed again because its reader is. */
const longestRepetition = 4;

function chooseStored(block: Block): void {
  const { graph, stored } = block;
  /** The loop that reads a value: 0 none yet, or `several`. */
  const loop = new Int32Array(graph.types.length);
  const repetition = new Uint8Array(graph.types.length);
  let loops = 0;
  const enter = (value: number, reader: number): void => {
    loop[value] = loop[value] === 0 || loop[value] === reader ? reader : several;
  };
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    const family = families[node.primitive];
    const [value] = node.outputs as readonly [number];
    if (isInlined(node) && !stored[value] && mustStore(block, node, loop[value] === several, repetition[value]!)) {
      stored[value] = true;
    }
    const along = stored[value] ? ++loops : loop[value]!;
    node.inputs.forEach((input, position) => {
      const reading = family.reads(position);
      if (reading === 'stored') operand(block, input);
      else if (reading === 'apart') enter(input, ++loops);
      else {
        enter(input, grows(block, node) ? several : along);
        if (loop[input] === several && !stored[value]) {
          repetition[input] = Math.max(repetition[input]!, repetition[value]! + 1);
        }
      }
    });
  }
}

function mustStore(block: Block, node: GraphNode, repeated: boolean, repetition: number): boolean {
  if (isView(node) || node.inputs.length === 0) return false;
  if (!block.context.fuse) return true;
  if (!repeated) return false;
  const arrays = node.inputs.filter((input) => sizeOf(typeOf(block, input).shape) > 1 && !isSpread(block, input));
  return repetition > longestRepetition || arrays.length > 1 || !isCheap(node.primitive);
}

/** A scalar in every element: reading it costs nothing. */
function isSpread(block: Block, value: number): boolean {
  const maker = block.makers[value];
  return maker?.primitive === 'broadcast' && sizeOf(typeOf(block, maker.inputs[0]!).shape) === 1;
}

/** True when each element of the operand is read many times. */
function grows(block: Block, node: GraphNode): boolean {
  if (node.primitive !== 'broadcast') return false;
  return sizeOf(typeOf(block, node.outputs[0]!).shape) > sizeOf(typeOf(block, node.inputs[0]!).shape);
}
