/** Two backends in host memory as one: every run happens on both, and must leave the same bits. */
import { describe, ValueError, type Backend, type Program, type Region } from '@antler/core';

/** An executable of each backend. */
export interface Pair<Exe> {
  readonly program: Program;
  readonly first: Exe;
  readonly second: Exe;
}

/** Answers with the first backend's results; a run throws a ValueError if the second's differ in any bit. */
export function createPairedBackend<Exe extends object>(
  first: Backend<ArrayBuffer, Exe>,
  second: Backend<ArrayBuffer, Exe>,
): Backend<ArrayBuffer, Pair<Exe>> {
  const compileBy = (backend: Backend<ArrayBuffer, Exe>, program: Program): Exe => {
    const executable = backend.compile(program);
    if (executable instanceof Promise) throw new Error('paired backends compile at once');
    return executable;
  };
  return {
    ...first,
    compile: (program) => ({
      program,
      first: compileBy(first, program),
      second: compileBy(second, program),
    }),
    scratch: (pair) => first.scratch(pair.first),
    run(pair, io, scalars) {
      const copies = copiesOf(io);
      first.run(pair.first, io, scalars);
      second.run(pair.second, copies, scalars);
      io.forEach((region, i) => {
        const different = differenceOf(region.buffer, copies[i]!.buffer);
        if (different < 0) return;
        const kernels = JSON.stringify(pair.program.kernels);
        throw new ValueError(
          describe('run', `equal bits of slot ${i}`, `different ones at byte ${different}`, kernels),
        );
      });
    },
    async profile() {
      throw new Error('paired backends run every kernel twice, so its time means nothing');
    },
    dispose() {
      first.dispose();
      second.dispose();
    },
  };
}

/** The same regions in other memory; those that share a buffer still do. */
function copiesOf(io: readonly Region<ArrayBuffer>[]): Region<ArrayBuffer>[] {
  const copies = new Map<ArrayBuffer, ArrayBuffer>();
  return io.map(({ buffer, byteOffset }) => {
    let copy = copies.get(buffer);
    if (copy === undefined) copies.set(buffer, (copy = buffer.slice(0)));
    return { buffer: copy, byteOffset };
  });
}

/** The first byte in which buffers differ, or −1. A NaN is a NaN, whatever its sign and payload. */
function differenceOf(one: ArrayBuffer, other: ArrayBuffer): number {
  const words = (buffer: ArrayBuffer): Uint32Array => new Uint32Array(buffer, 0, Math.floor(buffer.byteLength / 4));
  const [a, b] = [words(one), words(other)];
  const isNaNWord = (word: number): boolean => (word & 0x7fffffff) > 0x7f800000;
  const at = a.findIndex((word, i) => word !== b[i] && !(isNaNWord(word) && isNaNWord(b[i]!)));
  if (at >= 0) return 4 * at;
  const rest = (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer, 4 * a.length);
  const [tail, otherTail] = [rest(one), rest(other)];
  const last = tail.findIndex((byte, i) => byte !== otherTail[i]);
  return last < 0 ? -1 : 4 * a.length + last;
}
