/**
 * The queue of a device: write, run, read and free take effect in program order, whatever is still being compiled. It also
 * counts what is in flight and collects the faults of runs that check indices.
 */
import { ResourceError, describe, type AntlerError } from '../errors.js';
import type { DType } from '../dtype.js';
import type { Backend, Region } from './backend.js';
import { FaultLog } from './faults.js';
import { launch } from './hooks.js';
import type { Executable } from './programs.js';
import type { Storage } from './storage.js';

/** One execution of a program, with what it touches. */
export interface Run {
  readonly executable: Executable;
  readonly io: readonly Region[];
  /** A region with contents, to wait on; null when all are empty. */
  readonly probe: Region | null;
  readonly scalars: Float64Array;
  readonly reads: readonly Storage[];
  /** Storages whose numbers mean nothing if the run fails or faults. */
  readonly writes: readonly Storage[];
  /** Storages of variables: a fault leaves them as they were. */
  readonly assigns: readonly Storage[];
  /** Bytes of the storages it writes, for the count of what is in flight. */
  readonly bytes: number;
  /** True when its index checks have been read back, or it has none. */
  checked: boolean;
  fault: AntlerError | null;
}

/** Bytes that may be enqueued on a device that the host cannot wait for. */
const IN_FLIGHT_BYTES = 256 * 2 ** 20;
const BYTES_PER_RUN = 1024;

interface Task {
  /** What must have settled before it is performed. */
  readonly executable: Executable | null;
  /** What follows waits for the promise, which never rejects. */
  perform(): Promise<void> | void;
}

/** Orders the work of one device. */
export class Queue {
  readonly faults: FaultLog;
  readonly #backend: Backend;
  #waiting: Task[] = [];
  #blocked = false;
  #submitted = 0;
  #completed = 0;
  #submittedBytes = 0;
  #completedBytes = 0;
  #marking = false;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.faults = new FaultLog(backend, (region, elements) => this.read(region, elements, 'int32'));
  }

  /** Runs enqueued and not known to have finished. */
  get inFlight(): number {
    return this.#submitted - this.#completed;
  }

  /** True when everything was handed to the backend. */
  get isIdle(): boolean {
    return !this.#blocked;
  }

  /** Bytes that enqueued work holds. */
  get inFlightBytes(): number {
    return this.#submittedBytes - this.#completedBytes;
  }

  /** Copies host data to a region. */
  write(region: Region, data: ArrayBufferView, dtype: DType): void {
    this.#submittedBytes += data.byteLength;
    if (!this.#blocked) {
      this.#backend.write(region, data, dtype);
      return;
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.#waiting.push({ executable: null, perform: () => this.#backend.write(region, bytes, dtype) });
  }

  /** Enqueues a run. Throws, with nothing changed, when the backend refuses it at once or too much is in flight. */
  run(run: Run): void {
    this.#makeRoom();
    const { executable } = run;
    const way = executable.detour?.begin(run.io) ?? null;
    this.#count(run);
    const job = (): Promise<void> | void => (way === null ? launch(this.#backend, run) : way.run(run.scalars));
    if (this.#blocked || executable.ready !== null || way !== null) {
      this.#submit({ executable, perform: () => this.#performLater(run, executable, job) });
      if (way !== null) this.#submit({ executable: null, perform: way.end });
      return;
    }
    if (executable.error !== null) throw executable.error;
    void job();
  }

  /** A copy of a region as of this point of the order. */
  read(region: Region, elements: number, dtype: DType): Promise<ArrayBuffer> {
    return this.#ask(() => this.#backend.read(region, elements, dtype));
  }

  /** Gives a buffer back once all that was enqueued on it is done. */
  free(region: Region): void {
    this.#submit({ executable: null, perform: () => this.#backend.free(region.buffer) });
  }

  /** Resolves when all that was enqueued is done. */
  synchronize(): Promise<void> {
    return this.#ask(() => this.#backend.synchronize());
  }

  /** What to await before enqueuing more, when enough is in flight. */
  throttle(): Promise<void> | undefined {
    return this.inFlight < this.#backend.limits.maxInFlight ? undefined : this.synchronize();
  }

  /** What the device answers when all that was enqueued before is done. */
  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    const [runs, bytes] = [this.#submitted, this.#submittedBytes];
    const answer = await (this.#blocked
      ? new Promise<T>((resolve, reject) => {
          this.#waiting.push({ executable: null, perform: () => void ask().then(resolve, reject) });
        })
      : ask());
    this.#complete(runs, bytes);
    return answer;
  }

  #makeRoom(): void {
    const backend = this.#backend;
    // A host that can wait does so once the run is counted.
    if (this.inFlight < backend.limits.maxInFlight) return;
    if (backend.readSync !== undefined && !this.#blocked) return;
    if (this.inFlightBytes > IN_FLIGHT_BYTES) {
      const expected = `at most ${IN_FLIGHT_BYTES} bytes enqueued on ${this.#backend.name}`;
      const hint = 'A loop on this device must let it catch up: await a result now and then, or `await throttle()`.';
      throw new ResourceError(describe('antler', expected, `${this.inFlightBytes} in ${this.inFlight} runs`, hint));
    }
    if (this.#marking) return;
    // Nobody may be awaiting anything; a mark tells how far the device has come.
    this.#marking = true;
    const done = (): void => {
      this.#marking = false;
    };
    this.synchronize().then(done, done);
  }

  #count(run: Run): void {
    this.#submitted++;
    this.#submittedBytes += run.bytes + BYTES_PER_RUN;
    const backend = this.#backend;
    const full = this.inFlight > backend.limits.maxInFlight || this.inFlightBytes > IN_FLIGHT_BYTES;
    if (full && backend.readSync !== undefined && !this.#blocked && run.probe !== null) {
      // Waits for what was enqueued before this run, so that a synchronous loop holds a bounded amount.
      const [runs, bytes] = [this.#submitted - 1, this.#submittedBytes - run.bytes - BYTES_PER_RUN];
      backend.readSync(run.probe, 1, 'uint8');
      this.#complete(runs, bytes);
    }
  }

  #complete(runs: number, bytes: number): void {
    this.#completed = Math.max(this.#completed, runs);
    this.#completedBytes = Math.max(this.#completedBytes, bytes);
  }

  #performLater(run: Run, executable: Executable, job: () => Promise<void> | void): Promise<void> | void {
    try {
      const failed = executable.error ?? spoiled(run);
      if (failed !== null) throw failed;
      return job()?.catch((error: unknown) => spoil(run, error as Error));
    } catch (error) {
      // What has not run has left nothing in its fault word.
      run.checked = true;
      spoil(run, error as Error);
    }
  }

  #submit(task: Task): void {
    this.#waiting.push(task);
    if (!this.#blocked) this.#drain();
  }

  #drain(): void {
    this.#blocked = false;
    let done = 0;
    while (done < this.#waiting.length && !this.#blocked) {
      const task = this.#waiting[done]!;
      const ready = task.executable?.ready ?? null;
      const pending = ready ?? task.perform();
      if (ready === null) done++;
      if (pending === undefined) continue;
      this.#blocked = true;
      void pending.then(() => this.#drain());
    }
    this.#waiting.splice(0, done);
  }
}

/** Why a run has nothing to compute with, if so: what it reads failed. */
function spoiled({ reads }: Run): Error | null {
  return reads.find(({ error }) => error !== null)?.error ?? null;
}

/** Marks what a run should have written. */
function spoil({ writes, assigns }: Run, error: Error): void {
  for (const storage of [...writes, ...assigns]) storage.error ??= error;
}
