/**
 * A small WebGPU backend. Its purpose is to prove, early, that the Backend interface bends the right way for a real GPU:
 * asynchronous compilation, a queue of its own, each region bound once, no waiting on the host.
 */
import { DeviceError, DeviceLostError, ResourceError, describe, viewAs } from '@antler/core';
import type { Backend, Kernel, Program, Region } from '@antler/core';
import { openDevice } from './driver.js';
import { loopOf, renderLoop, scalarSlot, type Shader } from './kernels.js';

/** A program whose pipelines exist. */
export interface Executable {
  readonly program: Program;
  readonly steps: readonly (Shader & { readonly pipeline: GPUComputePipeline })[];
  /** Numbers of the slots that are `temp`, the largest first. */
  readonly temporaries: readonly number[];
}

// Numbers of the WebGPU standard: a browser has them as globals, Node does not.
const usage = { mapRead: 1, copySource: 4, copyTarget: 8, storage: 128 };

/** Every element takes a word; buffers and bindings are never empty. */
const wholeWords = (bytes: number): number => Math.max(4, Math.ceil(bytes / 4) * 4);

/** Opens the first adapter. Rejects with a DeviceError that says what is missing. */
export async function createWebGpuProbe(): Promise<Backend<GPUBuffer, Executable>> {
  const { device, dispose } = await openDevice();
  const { queue, limits } = device;
  const maxBufferBytes = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  // One set of temporaries and one block of scalars serve all runs, since the queue executes them one after the other.
  const pool: GPUBuffer[] = [];
  /** The first failure that nobody has heard of yet; a lost device stays lost. */
  let failure: Error | undefined;
  device.onuncapturederror = ({ error }): unknown => (failure ??= new ResourceError(`webgpu: ${error.message}`));
  void device.lost.then(({ message }) => (failure = new DeviceLostError(`webgpu: the device was lost. ${message}`)));
  const settled = async (done: Promise<unknown>): Promise<void> => {
    await done.catch((error: Error) => (failure ??= error));
    const problem = failure;
    if (!(problem instanceof DeviceLostError)) failure = undefined;
    if (problem !== undefined) throw problem;
  };

  const alloc = (bytes: number): GPUBuffer => {
    if (bytes > maxBufferBytes) throw new ResourceError(describe('alloc', `<= ${maxBufferBytes} bytes`, `${bytes}`));
    return device.createBuffer({ size: wholeWords(bytes), usage: usage.storage | usage.copySource | usage.copyTarget });
  };

  const scalarBlock = alloc(65536);

  /** The temporary of a rank; buffers only grow, so they end as large as the largest program needs. */
  const temporary = (rank: number, bytes: number): Region<GPUBuffer> => {
    const current = pool[rank];
    const buffer = current !== undefined && current.size >= bytes ? current : alloc(bytes);
    if (buffer !== current) current?.destroy();
    pool[rank] = buffer;
    return { buffer, byteOffset: 0 };
  };

  const pipelineOf = (code: string, scopes: readonly string[]): Promise<GPUComputePipeline> => {
    const known = pipelines.get(code);
    if (known !== undefined) return known;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code });
    const invalid = device.popErrorScope();
    const pipeline = device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const explained = pipeline.catch(async (error: unknown) => {
      const received = (await invalid)?.message ?? String(error);
      throw new DeviceError(describe('compile', 'valid WGSL', received, `Layers: ${scopes.join(', ')}.`));
    });
    pipelines.set(code, explained);
    return explained;
  };

  return {
    name: 'webgpu-probe',
    limits: {
      maxBufferBytes,
      maxRegionsPerKernel: limits.maxStorageBuffersPerShaderStage - 1,
      alignment: limits.minStorageBufferOffsetAlignment,
      maxInFlight: 16,
    },
    bytes: { float32: 4, int32: 4, uint32: 4, bool: 4 },
    managed: false,
    accepts: ({ kind }: Kernel) => kind === 'loop' || kind === 'dot',
    alloc,
    free: (buffer) => buffer.destroy(),

    write({ buffer, byteOffset }, data, dtype) {
      const words = dtype === 'bool' ? Uint32Array.from(data as Uint8Array, (truth) => Number(truth !== 0)) : data;
      queue.writeBuffer(buffer, byteOffset, words);
    },

    async read({ buffer, byteOffset }, elements, dtype) {
      const size = elements * 4;
      const staging = device.createBuffer({ size: wholeWords(size), usage: usage.mapRead | usage.copyTarget });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, byteOffset, staging, 0, size);
      queue.submit([encoder.finish()]);
      await settled(staging.mapAsync(1));
      const data = staging.getMappedRange().slice(0, size);
      staging.destroy();
      return dtype === 'bool' ? Uint8Array.from(new Uint32Array(data)).buffer : data;
    },

    async compile(program) {
      const { slots, kernels } = program;
      const temporaries = slots.flatMap(({ role }, slot) => (role === 'temp' ? [slot] : []));
      temporaries.sort((a, b) => slots[b]!.bytes - slots[a]!.bytes);
      const steps = kernels.map(async (kernel) => {
        const loop = kernel.kind === 'dot' ? loopOf(kernel) : kernel;
        if (loop.kind !== 'loop') throw new DeviceError(describe('compile', 'loop or dot', kernel.kind));
        const shader = renderLoop(loop);
        return shader && { ...shader, pipeline: await pipelineOf(shader.text, kernel.scopes) };
      });
      return { program, steps: (await Promise.all(steps)).filter((step) => step !== null), temporaries };
    },

    scratch: ({ program, temporaries }) => temporaries.reduce((sum, slot) => sum + program.slots[slot]!.bytes, 0),

    run({ program: { slots, scalars: dtypesOfScalars }, steps, temporaries }, io, scalars) {
      const resources = new Map<number, GPUBufferBinding>([[scalarSlot, { buffer: scalarBlock }]]);
      slots.forEach(({ bytes }, slot) => {
        const { buffer, byteOffset: offset } = io[slot] ?? temporary(temporaries.indexOf(slot), bytes);
        // An empty region may lie at the very end of its buffer; nothing is read from what stands for it.
        resources.set(slot, bytes === 0 ? { buffer: scalarBlock } : { buffer, offset, size: wholeWords(bytes) });
      });
      const words = new ArrayBuffer(scalars.length * 4);
      dtypesOfScalars.forEach((dtype, i) => (viewAs(dtype, words, i * 4, 1)[0] = scalars[i]!));
      queue.writeBuffer(scalarBlock, 0, words);
      const encoder = device.createCommandEncoder();
      let pass = encoder.beginComputePass();
      for (const { pipeline, bindings, groups } of steps) {
        const written = bindings.filter(({ access }) => access === 'read_write');
        const targets = written.map(({ slot }) => resources.get(slot)!.buffer);
        const entries = bindings.map(({ slot, access }, binding) => {
          const resource = resources.get(slot)!;
          if (access === 'read_write' || !targets.includes(resource.buffer)) return { binding, resource };
          // A buffer that a dispatch writes cannot be bound for reading as well, disjoint or not: read a copy.
          const copy = alloc(resource.size!);
          pass.end();
          encoder.copyBufferToBuffer(resource.buffer, resource.offset!, copy, 0, resource.size);
          pass = encoder.beginComputePass();
          return { binding, resource: { buffer: copy } };
        });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
        pass.dispatchWorkgroups(...groups);
      }
      pass.end();
      queue.submit([encoder.finish()]);
    },

    synchronize: () => settled(queue.onSubmittedWorkDone()),
    dispose,
  };
}
