/** What Node and browsers do differently: where text goes, how wide it may be, files, and how to let other work in. */
import { ValueError, describe } from '@antler/core';

/** The parts of Node that are used where they are. */
interface Host {
  readonly process?: {
    readonly stdout?: { write?(text: string): void; readonly isTTY?: boolean; readonly columns?: number };
    readonly pid?: number;
    /** Gives a module of Node without an import, which bundlers for browsers would follow. */
    getBuiltinModule?(name: 'node:fs/promises'): Files;
  };
  readonly console: { log(text: string): void };
  readonly setImmediate?: (callback: () => void) => void;
}

/** The parts of node:fs/promises that are used. */
interface Files {
  open(path: string, flags: string): Promise<OpenFile>;
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { readonly force: boolean }): Promise<void>;
}

interface OpenFile {
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const host = (): Host => globalThis;

/** Prints a text and ends the line. */
export function printLine(text: string): void {
  host().console.log(text);
}

/** Writes to the terminal as it is; undefined where there is none, as in a browser. */
export function terminalWriter(): ((text: string) => void) | undefined {
  const stdout = host().process?.stdout;
  return typeof stdout?.write === 'function' ? (text) => stdout.write!(text) : undefined;
}

/** True when text may be drawn over and colored. */
export function isTerminal(): boolean {
  return host().process?.stdout?.isTTY === true;
}

/** Characters in a line; 80 where nobody knows. */
export function terminalColumns(): number {
  return host().process?.stdout?.columns ?? 80;
}

/** Lets timers, input and collectors in: a loop of resolved promises alone would keep them out. */
function macrotask(): Promise<void> {
  const { setImmediate: immediately } = host();
  return new Promise((resolve) => {
    if (immediately === undefined) setTimeout(resolve, 0);
    else immediately(resolve);
  });
}

/** Milliseconds that a loop may keep timers and input waiting. */
const longestTurn = 8;

/** Lets other work in now and then: asked after every step, waits for a macrotask when the last was some milliseconds ago. */
export class Turns {
  #last: number = performance.now();

  /** What to wait for, if anything. */
  next(): Promise<void> | undefined {
    return performance.now() - this.#last < longestTurn ? undefined : this.#give();
  }

  async #give(): Promise<void> {
    await macrotask();
    this.#last = performance.now();
  }
}

function files(where: string): Files {
  const module = host().process?.getBuiltinModule?.('node:fs/promises');
  if (module !== undefined) return module;
  throw new ValueError(describe(where, 'a host with files (Node)', 'another one', 'Pass a function `write`.'));
}

/** The bytes of a file. */
export function readFile(path: string): Promise<Uint8Array> {
  return files('readFile').readFile(path);
}

/** Gives a path new contents at once: whoever reads it, even after a crash, finds the old file or the new one, whole. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const system = files('replaceFile');
  const temporary = `${path}.${host().process?.pid ?? 0}.tmp`;
  try {
    const file = await system.open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await system.rename(temporary, path);
  } catch (error) {
    await system.rm(temporary, { force: true });
    throw error;
  }
}
