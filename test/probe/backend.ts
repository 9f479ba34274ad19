/**
 * A small WebGPU backend. Its purpose is to prove, early, that the Backend interface bends the right way for a real GPU:
 * asynchronous compilation, a queue of its own, regions bound once, no waiting on the host.
 */
import {
  DeviceError,
  DeviceLostError,
  ResourceError,
  describe,
  type Backend,
  type DType,
  type Kernel,
  type Program,
  type Region,
  type Slot,
} from '@antler/core';
import { openDevice } from './driver.js';
import { renderKernel, type Shader } from './kernels.js';
import { types } from './scalars.js';

/** A program whose pipelines exist. */
export interface Executable {
  readonly slots: readonly Slot[];
  readonly scalars: readonly DType[];
  readonly steps: readonly Step[];
  /** Numbers of the slots that are `temp`, the largest first. */
  readonly temporaries: readonly number[];
}

interface Step extends Shader {
  readonly pipeline: GPUComputePipeline;
}

// Of the WebGPU standard, where they are globals of a browser.
const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 };

/** Opens the first adapter. Rejects with a DeviceError that says what is missing. */
export async function createWebGpuProbe(): Promise<Backend<GPUBuffer, Executable>> {
  const { device, close } = await openDevice();
  return new WebGpuProbe(device, close);
}

class WebGpuProbe implements Backend<GPUBuffer, Executable> {
  readonly name = 'webgpu-probe';
  readonly managed = false;
  readonly bytes = { float32: 4, int32: 4, uint32: 4, bool: 4 } as const;
  readonly limits: Backend['limits'];
  readonly dispose: () => void;
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** Shared by all programs, which the queue runs one after the other; the largest first. */
  readonly #temporaries: GPUBuffer[] = [];
  readonly #scalars: GPUBuffer;
  /** The first failure that nobody has heard of yet. */
  #failure: Error | undefined;

  constructor(device: GPUDevice, close: () => void) {
    this.#device = device;
    this.dispose = close;
    this.limits = {
      maxBufferBytes: Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize),
      maxRegionsPerKernel: device.limits.maxStorageBuffersPerShaderStage,
      alignment: device.limits.minStorageBufferOffsetAlignment,
      maxInFlight: 16,
    };
    this.#scalars = device.createBuffer({ size: 65536, usage: usage.uniform | usage.copyTarget });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#failure ??= new ResourceError(`webgpu: ${error.message}`);
    });
    void device.lost.then(({ message }) => {
      this.#failure = new DeviceLostError(`webgpu: the device was lost. ${message}`);
    });
  }

  accepts(kernel: Kernel): boolean {
    return kernel.kind === 'loop' || kernel.kind === 'dot';
  }

  alloc(bytes: number): GPUBuffer {
    if (bytes > this.limits.maxBufferBytes) {
      throw new ResourceError(describe('alloc', `at most ${this.limits.maxBufferBytes} bytes`, String(bytes)));
    }
    return this.#device.createBuffer({
      size: wholeWords(bytes),
      usage: usage.storage | usage.copySource | usage.copyTarget,
    });
  }

  free(buffer: GPUBuffer): void {
    buffer.destroy();
  }

  write(region: Region<GPUBuffer>, data: ArrayBufferView, dtype: DType): void {
    const words = dtype === 'bool' ? Uint32Array.from(data as Uint8Array, (truth) => Number(truth !== 0)) : data;
    this.#device.queue.writeBuffer(region.buffer, region.byteOffset, words as Uint32Array<ArrayBuffer>);
  }

  async read(region: Region<GPUBuffer>, elements: number, dtype: DType): Promise<ArrayBuffer> {
    const size = elements * 4;
    const staging = this.#device.createBuffer({ size: wholeWords(size), usage: usage.mapRead | usage.copyTarget });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(region.buffer, region.byteOffset, staging, 0, size);
    this.#device.queue.submit([encoder.finish()]);
    await this.#orFailure(staging.mapAsync(1));
    const data = staging.getMappedRange().slice(0, size);
    staging.destroy();
    return dtype === 'bool' ? Uint8Array.from(new Uint32Array(data)).buffer : data;
  }

  async compile({ slots, scalars, kernels }: Program): Promise<Executable> {
    const temporaries = slots.flatMap(({ role }, slot) => (role === 'temp' ? [slot] : []));
    temporaries.sort((a, b) => slots[b]!.bytes - slots[a]!.bytes);
    const steps = kernels.map(async (kernel) => {
      const shader = renderKernel(kernel);
      return shader && { ...shader, pipeline: await this.#pipeline(shader.text, kernel.scopes) };
    });
    return { slots, scalars, steps: (await Promise.all(steps)).filter((step) => step !== null), temporaries };
  }

  scratch({ slots, temporaries }: Executable): number {
    return temporaries.reduce((bytes, slot) => bytes + wholeWords(slots[slot]!.bytes), 0);
  }

  run(executable: Executable, io: readonly Region<GPUBuffer>[], scalars: Float64Array): void {
    const regions = [...io];
    executable.temporaries.forEach((slot, rank) => {
      regions[slot] = { buffer: this.#temporary(rank, executable.slots[slot]!.bytes), byteOffset: 0 };
    });
    if (scalars.length > 0) {
      const words = new DataView(new ArrayBuffer(scalars.length * 4));
      executable.scalars.forEach((dtype, i) => setWord[types[dtype]!](words, i * 4, scalars[i]!));
      this.#device.queue.writeBuffer(this.#scalars, 0, words.buffer);
    }
    const copies: GPUBuffer[] = [];
    const encoder = this.#device.createCommandEncoder();
    let pass = encoder.beginComputePass();
    for (const { pipeline, bindings, usesScalars, groups } of executable.steps) {
      const written = new Set(bindings.flatMap((binding) => (binding.written ? [regions[binding.slot]!.buffer] : [])));
      const entries = bindings.map(({ slot, written: isWritten }, binding) => {
        const size = wholeWords(executable.slots[slot]!.bytes);
        let { buffer, byteOffset: offset } = regions[slot]!;
        if (!isWritten && written.has(buffer)) {
          // A buffer that a dispatch writes may not be read through another binding, disjoint or not.
          const copy = this.alloc(size);
          copies.push(copy);
          pass.end();
          encoder.copyBufferToBuffer(buffer, offset, copy, 0, size);
          pass = encoder.beginComputePass();
          [buffer, offset] = [copy, 0];
        }
        return { binding, resource: { buffer, offset, size } };
      });
      if (usesScalars)
        entries.push({ binding: entries.length, resource: { buffer: this.#scalars, offset: 0, size: 65536 } });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(...groups);
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
    for (const copy of copies) copy.destroy();
  }

  async synchronize(): Promise<void> {
    await this.#orFailure(this.#device.queue.onSubmittedWorkDone());
  }

  #pipeline(code: string, scopes: readonly string[]): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(code);
    if (pipeline === undefined) {
      this.#device.pushErrorScope('validation');
      const module = this.#device.createShaderModule({ code });
      const invalid = this.#device.popErrorScope();
      const compiled = this.#device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
      pipeline = compiled.catch(async (error: unknown) => {
        const message = (await invalid)?.message ?? String(error);
        throw new DeviceError(
          describe('compile', 'WGSL that the device takes', message, `Layers: ${scopes.join(', ')}.`),
        );
      });
      this.#pipelines.set(code, pipeline);
    }
    return pipeline;
  }

  #temporary(rank: number, bytes: number): GPUBuffer {
    const buffer = this.#temporaries[rank];
    if (buffer !== undefined && buffer.size >= bytes) return buffer;
    const larger = (this.#temporaries[rank] = this.alloc(bytes));
    buffer?.destroy();
    return larger;
  }

  /** Waits for the device, then reports what went wrong since the last time. */
  async #orFailure(done: Promise<unknown>): Promise<void> {
    const rejected = await done.then(
      () => undefined,
      (error: unknown) => error,
    );
    const failure = this.#failure ?? rejected;
    if (!(failure instanceof DeviceLostError)) this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

/** Every element takes a word; bindings and copies are never empty. */
function wholeWords(bytes: number): number {
  return Math.max(4, Math.ceil(bytes / 4) * 4);
}

const setWord = {
  f32: (view: DataView, at: number, value: number): void => view.setFloat32(at, value, true),
  i32: (view: DataView, at: number, value: number): void => view.setInt32(at, value, true),
  u32: (view: DataView, at: number, value: number): void => view.setUint32(at, value, true),
};
