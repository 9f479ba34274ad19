/** The fault log of a device: a ring of words in which runs report bad indices, read back together with other reads. */
import { IndexError, describe, recordedAt, type AntlerError } from '../errors.js';
import type { FaultSite } from '../graph/program.js';
import type { Backend, Region } from './backend.js';
import type { Run } from './queue.js';

const ENTRIES = 64;
const WORDS = 2;
const WORD_BYTES = 4;

/** Collects the fault words of one device's runs. */
export class FaultLog {
  readonly #backend: Backend;
  readonly #read: (region: Region, elements: number) => Promise<ArrayBuffer>;
  readonly #stride: number;
  #buffer: unknown = null;
  #unread: Run[] = [];
  #reading: Promise<void> = Promise.resolve();
  #unreported: AntlerError | null = null;

  constructor(backend: Backend, read: (region: Region, elements: number) => Promise<ArrayBuffer>) {
    this.#backend = backend;
    this.#read = read;
    const { alignment } = backend.limits;
    this.#stride = Math.ceil((WORDS * WORD_BYTES) / alignment) * alignment;
  }

  /** Region of the next run's fault slot. */
  nextRegion(): Region {
    this.#buffer ??= this.#backend.alloc(ENTRIES * this.#stride);
    if (this.#unread.length === ENTRIES) this.flush().catch(() => undefined);
    return { buffer: this.#buffer, byteOffset: this.#unread.length * this.#stride };
  }

  /** Tells that a run was enqueued on the region given last. */
  add(run: Run): void {
    this.#unread.push(run);
  }

  /** As `flush`, at once, where the host can wait for the device. */
  flushSync(): void {
    if (this.#unread.length === 0 || this.#backend.readSync === undefined) return;
    const runs = this.#unread;
    this.#unread = [];
    this.#settle(runs, this.#backend.readSync({ buffer: this.#buffer, byteOffset: 0 }, this.#words, 'int32'));
  }

  /** Reads what has been enqueued so far; the runs concerned are `checked` when it resolves. */
  flush(): Promise<void> {
    if (this.#unread.length === 0) return this.#reading;
    const runs = this.#unread;
    this.#unread = [];
    const read = this.#read({ buffer: this.#buffer, byteOffset: 0 }, this.#words);
    this.#after(read, (bytes) => this.#settle(runs, bytes));
    return this.#reading;
  }

  /** The first fault that no read has reported yet; asking for it counts as reporting. */
  takeUnreported(): AntlerError | null {
    const error = this.#unreported;
    this.#unreported = null;
    return error;
  }

  /** Takes part in the next `flush`: what it resolves to is reported as a fault is. */
  expect(check: Promise<AntlerError | null>): void {
    this.#after(check, (error) => (this.#unreported ??= error));
  }

  /** The first fault that one of these runs is known to have met; asking for it counts as reporting. */
  takeFrom(runs: readonly Run[]): AntlerError | null {
    const error = runs.find(({ fault }) => fault !== null)?.fault ?? null;
    if (error === this.#unreported) this.#unreported = null;
    return error;
  }

  /** Gives the ring back. */
  close(): void {
    if (this.#buffer !== null) this.#backend.free(this.#buffer);
    this.#buffer = null;
  }

  /** Deals with an answer when it has come, and everything before it has been dealt with. */
  #after<T>(answer: Promise<T>, settle: (answer: T) => void): void {
    const before = this.#reading;
    this.#reading = answer.then(async (given) => {
      await before;
      settle(given);
    });
    // The readers that wait for it see the failure; nobody else has to.
    this.#reading.catch(() => undefined);
  }

  get #words(): number {
    return (ENTRIES * this.#stride) / WORD_BYTES;
  }

  #settle(runs: readonly Run[], bytes: ArrayBuffer): void {
    const words = new Int32Array(bytes);
    runs.forEach((run, i) => {
      if (run.checked) return;
      run.checked = true;
      const at = (i * this.#stride) / WORD_BYTES;
      const site = words[at]!;
      if (site === 0) return;
      run.fault = indexError(run.executable.program.faults!.sites[site - 1]!, words[at + 1]!);
      this.#unreported ??= run.fault;
    });
  }
}

function indexError({ op, scope, limit, stack }: FaultSite, index: number): IndexError {
  const where = scope === '' ? op : `${op} in ${scope}`;
  const hint = 'Variables keep the values they had before this step.';
  return new IndexError(describe(where, `an index in [${-limit}, ${limit})`, String(index), hint) + recordedAt(stack));
}
