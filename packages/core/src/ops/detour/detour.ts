/** The way around a device: what a refused kernel needs is read, js runs the kernel, and what it gave is written back. */
import { viewAs } from '../../dtype.js';
import { DeviceError, describe } from '../../errors.js';
import type { CompositeKernel, Program, Slot } from '../../graph/program.js';
import type { Backend, Region } from '../../runtime/backend.js';
import { factoryOf, type BackendFactory } from '../../runtime/devices.js';
import type { Detour } from '../../runtime/programs.js';
import { cutProgram, type Part } from './cut.js';

/** For `hooks.detour`: the parts of a program, each compiled by the device or, for what it refuses, by js; null when it takes all. */
export function detourOf(program: Program, device: Backend, name: string): Detour | null {
  let host: Backend | null = null;
  const refuses = (kernel: CompositeKernel): boolean => {
    if (device.accepts(kernel)) return false;
    host ??= hostBackend(name, kernel.name);
    return true;
  };
  const parts = cutProgram(program, refuses, ({ dtype }) => host!.bytes[dtype]!);
  if (parts === null) return null;
  const compiled = parts.map((part) => (part.contents === null ? device : host!).compile(part.program));
  let executables: readonly unknown[] = compiled;
  const isLater = compiled.some((one) => one instanceof Promise);
  return {
    compiled: isLater ? Promise.all(compiled).then((all) => (executables = all)) : compiled,
    begin(io) {
      const regions: (Region | undefined)[] = [...io];
      const end = (): void => {
        for (const region of regions.slice(io.length)) if (region !== undefined) device.free(region.buffer);
      };
      try {
        for (const slot of parts.flatMap(({ slots }) => slots)) {
          regions[slot] ??= { buffer: device.alloc(program.slots[slot]!.bytes), byteOffset: 0 };
        }
      } catch (error) {
        end();
        throw error;
      }
      const run = async (scalars: Float64Array): Promise<void> => {
        for (const [i, part] of parts.entries()) {
          const own = part.slots.map((slot) => regions[slot]!);
          if (part.contents === null) device.run(executables[i], own, scalars);
          else await around(device, host!, part, executables[i], own, scalars);
        }
      };
      return { run, end };
    },
  };
}

let known: { readonly create: BackendFactory; readonly backend: Backend } | null = null;

/** The js backend, of which one is kept for the kernels that a device refuses and that have no decomposition. */
function hostBackend(device: string, kernel: string): Backend {
  const create = factoryOf('js');
  if (create !== undefined && known?.create === create) return known.backend;
  const backend = create?.();
  if (create === undefined || backend === undefined || backend instanceof Promise) {
    const hint =
      "Call registerBackends({ js: createJsBackend }) from '@antler/backend-js': what a device cannot do, js does.";
    const expected = `a backend that computes ${kernel}, which ${device} does not`;
    throw new DeviceError(describe(kernel, expected, 'none registered under the name js', hint));
  }
  known = { create, backend };
  return backend;
}

/** Runs a refused kernel on the regions of a device, which must do nothing else with them meanwhile. */
async function around(
  device: Backend,
  backend: Backend,
  { program, contents }: Part,
  compiled: unknown,
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
  backend.run(compiled, copies, scalars);
  await transfer(backend, copies, device, io, 'input');
  for (const { buffer } of copies) backend.free(buffer);
}
