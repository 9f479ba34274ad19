/**
 * The text of one kernel's function while it is written. What kernels of one text may differ in, sizes, strides, offsets
 * and which arrays they use, are numbers that the function receives; what the text says is which strides are 0 or 1.
 */
import type { Cursor } from '../context.js';

/** A way through memory that one or more views take. */
export interface Path {
  /** Text of its first element. */
  readonly start: string;
  /** How far each merged axis steps. */
  readonly strides: readonly number[];
}

/** A loop. */
export interface Level {
  /** Text of the number of turns. */
  readonly size: string;
  /** How far a path steps. */
  readonly stride: (path: Path) => number;
  /** Name of the loop's index, when it matters. */
  readonly index?: string;
}

/** Where each path stands: the text of an element's position. */
export type Places = ReadonlyMap<Path, string>;

/** Lines, numbers and loops. */
export class Text {
  /** What the function is to be called with. */
  readonly numbers: number[] = [];
  /** Which of the numbers are the first elements of cursors; left to the caller, as they may move. */
  readonly origins: { readonly at: number; readonly cursor: Cursor }[] = [];
  readonly #head: string[] = [];
  readonly #lines: string[] = [];
  #names = 0;
  #open = 0;

  /** Names a number that the function receives. */
  number(value: number): string {
    const at = this.numbers.push(value) - 1;
    this.#head.push(`const n${at} = numbers[${at}];`);
    return `n${at}`;
  }

  /** Names an array of the program. V8 compiles for the kinds of arrays it meets, so text with others must differ. */
  array(number: number, kind: string): string {
    const at = this.numbers.push(number) - 1;
    this.#head.push(`const m${at} = arrays[numbers[${at}]]; // ${kind}`);
    return `m${at}`;
  }

  /** Names a cursor's first element, which may be another in every call if it is `moved`. */
  origin(cursor: Cursor, moved: boolean): string {
    if (!moved && !cursor.turns && cursor.originAt([]) === 0) return '0';
    this.origins.push({ at: this.numbers.length, cursor });
    return this.number(0);
  }

  line(text: string): void {
    this.#lines.push('  '.repeat(this.#open + 1) + text);
  }

  /** Opens a loop, and says where it takes the paths. A path that steps as the index does needs no pointer of its own. */
  open({ size, stride, index = `i${this.#names++}` }: Level, outside: Places): Places {
    const starts = [`${index} = 0`];
    const steps = [`${index}++`];
    const inside = new Map(outside);
    for (const [path, place] of outside) {
      const step = stride(path);
      if (step === 0) continue;
      if (step === 1 && place === '0') {
        inside.set(path, index);
        continue;
      }
      const pointer = `p${this.#names++}`;
      starts.push(`${pointer} = ${place}`);
      steps.push(`${pointer} = ${pointer} + ${step === 1 ? 1 : this.number(step)} | 0`);
      inside.set(path, pointer);
    }
    this.line(`for (let ${starts.join(', ')}; ${index} < ${size}; ${steps.join(', ')}) {`);
    this.#open++;
    return inside;
  }

  close(loops: number): void {
    for (let i = 0; i < loops; i++) {
      this.#open--;
      this.line('}');
    }
  }

  /** The whole function, behind what its calls share. */
  finish(shared: readonly string[]): string {
    const head = this.#head.map((line) => `  ${line}`);
    return [...shared, 'return (arrays, numbers, scalars) => {', ...head, ...this.#lines, '};'].join('\n');
  }
}
