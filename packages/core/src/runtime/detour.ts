/** The way around a device: what a refused kernel needs is read, js runs the kernel, and what it gave is written back. */
import { viewAs } from '../dtype.js';
import type { Slot } from '../graph/program.js';
import type { Backend, Region } from './backend.js';
import type { ExecutablePart } from './programs.js';

/** Runs a refused kernel on the regions of a device, which must do nothing else with them meanwhile. */
export async function detour(
  device: Backend,
  { program, contents, backend, executable }: ExecutablePart,
  io: readonly Region[],
  scalars: Float64Array,
): Promise<void> {
  const copies = program.slots.map(({ bytes }): Region => ({ buffer: backend.alloc(bytes), byteOffset: 0 }));
  const transfer = (
    from: Backend,
    source: readonly Region[],
    to: Backend,
    target: readonly Region[],
    not: Slot['role'],
  ) =>
    Promise.all(
      contents!.map(async ({ dtype, elements }, i) => {
        if (program.slots[i]!.role === not || elements === 0) return;
        const data = await from.read(source[i]!, elements, dtype);
        to.write(target[i]!, viewAs(dtype, data, 0, elements), dtype);
      }),
    );
  await transfer(device, io, backend, copies, 'output');
  backend.run(executable.compiled, copies, scalars);
  await transfer(backend, copies, device, io, 'input');
  for (const { buffer } of copies) backend.free(buffer);
}
