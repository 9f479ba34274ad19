/** setDebug: what core tells about its work while it does it. Costs nothing while it is off. */
import { printGraph } from '../graph/print.js';
import type { Backend } from '../runtime/backend.js';
import { hooks } from '../runtime/hooks.js';
import type { Run } from '../runtime/queue.js';

import { describeKernel } from './describeKernel.js';
import { checkFinite } from './finite.js';
import { memory } from './memory.js';
import { rowsOf, showBytes, showTime } from './text.js';
import { timeKernels } from './timeKernels.js';
import { userStack } from './userStack.js';

/** What there is to be told, with what it means. */
const topics = {
  graph: 'prints each graph when it is compiled',
  kernels: 'prints the kernels of each run with their times',
  memory: 'prints what is held whenever something runs',
  nan: 'throws when a result is NaN or infinite, naming the operation and the layer that made it',
  stack: 'lets errors that are noticed late say where the operation was recorded',
} as const;

/** A word of `setDebug` and of the environment variable ANTLER_DEBUG. */
export type DebugTopic = keyof typeof topics;

/**
 * Turns on what is named, and all else off. Words may also come as one list with commas, as in the environment variable
 * ANTLER_DEBUG, which `antler` reads in Node. Reports go to `console.warn`; a word that does not exist is one.
 * @example setDebug('nan', 'stack');
 * @example setDebug(); // off
 */
export function setDebug(...words: readonly (DebugTopic | (string & {}))[]): void {
  const asked = words
    .flatMap((word) => word.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const unknown = asked.filter((word) => !Object.hasOwn(topics, word));
  if (unknown.length > 0) {
    const known = Object.entries(topics).map(([word, meaning]) => `\n  ${word.padEnd(8)} ${meaning}`);
    console.warn(`ANTLER_DEBUG: expected words of this list, received ${unknown.join(', ')}.${known.join('')}`);
  }
  const has = (topic: DebugTopic): boolean => asked.includes(topic);
  const launchers = [...(has('memory') ? [tellMemory] : []), has('kernels') ? tellKernels : plainly];
  hooks.recorded = has('stack') ? userStack : null;
  hooks.compiled = has('graph') ? (graph) => console.warn(printGraph(graph)) : null;
  hooks.calling = has('nan') ? checkFinite : null;
  hooks.launch =
    has('memory') || has('kernels') ? (backend, run) => launchers.forEach((one) => one(backend, run)) : null;
}

function plainly(backend: Backend, { executable, io, scalars }: Run): void {
  backend.run(executable.compiled, io, scalars);
}

function tellMemory(backend: Backend, { executable }: Run): void {
  const scratch = showBytes(backend.scratch(executable.compiled));
  console.warn(`run of ${executable.program.kernels.length} kernels, ${scratch} of temporaries\n${String(memory())}`);
}

function tellKernels(backend: Backend, { executable, io, scalars }: Run): void {
  const { program, compiled } = executable;
  const tell = (times: readonly number[]): void => {
    const whole = times.reduce((sum, time) => sum + time, 0);
    // A device without clocks gives one time for all.
    const each = times.length === program.kernels.length ? times : [];
    const rows = program.kernels.map((kernel, i) => {
      const { text, operations, layers } = describeKernel(program, kernel);
      return [i in each ? showTime(each[i]!) : '', text, operations.join(' '), layers.join(', ')];
    });
    console.warn(
      [`run on ${backend.name}: ${showTime(whole)}`, ...rowsOf(rows, 1).map((row) => `  ${row}`)].join('\n'),
    );
  };
  timeKernels(backend, compiled, io, scalars).then(tell, (error: unknown) => {
    console.warn(`run on ${backend.name}: ${String(error)}`);
  });
}
