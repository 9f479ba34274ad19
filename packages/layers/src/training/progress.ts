/**
 * Progress: Keras's line per epoch. On a terminal it is drawn again as training goes; elsewhere only the finished line appears.
 */
import { ValueError, describe } from '@antler/core';
import { isTerminal, printLine, terminalWriter } from '../host.js';
import { formatNumber, formatRemaining, formatStepTime } from './numberFormat.js';
import type { Logs } from './logs.js';

/** 0 is silent, 1 the bar, 2 one line per epoch; `auto` is 1. */
export type Verbosity = 'auto' | 0 | 1 | 2;

const verbosities: readonly Verbosity[] = ['auto', 0, 1, 2];

/** Where lines go. */
export interface Output {
  write(text: string): void;
  /** True when text may be drawn over, in colors. */
  readonly isTerminal: boolean;
  /** Seconds since any fixed time. */
  now(): number;
}

const WIDTH = 20;

/** The line of one epoch (or evaluation, or prediction). */
export class ProgressLine {
  readonly #output: Output;
  readonly #verbose: 0 | 1 | 2;
  #target: number | undefined;
  readonly #start: number;
  #afterFirstStep: number | undefined;
  #drawnWidth = 0;
  #step = 0;

  constructor(output: Output, verbose: Verbosity, target: number | undefined) {
    if (!verbosities.includes(verbose)) {
      throw new ValueError(describe('verbose', verbosities.join(', '), String(verbose)));
    }
    this.#output = output;
    this.#verbose = verbose === 'auto' ? 1 : verbose;
    this.#target = target;
    this.#start = output.now();
  }

  /** True when `draw` would show something. */
  get isLive(): boolean {
    return this.#verbose === 1 && this.#output.isTerminal;
  }

  /** Notes that a step is enqueued: the first is left out of the time per step, since it compiles. */
  advance(step: number): void {
    this.#step = step;
    if (step === 1) this.#afterFirstStep = this.#output.now();
  }

  /** Draws the line with the numbers of a step over the former one. */
  draw(step: number, logs: Logs): void {
    if (this.isLive) this.#output.write(this.#bar(step, logs, false));
  }

  /** Writes the finished line. */
  finish(logs: Logs): void {
    this.#target ??= this.#step;
    if (this.#verbose === 1) this.#output.write(`${this.#bar(this.#target, logs, true)}\n`);
    if (this.#verbose === 2) this.#output.write(`${this.#summaryLine(logs)}\n`);
  }

  #bar(step: number, logs: Logs, isFinal: boolean): string {
    const target = this.#target;
    const { bold, green, gray } = this.#output.isTerminal ? ansi : plain;
    const perStep = this.#secondsPerStep(step);
    const hasTarget = target !== undefined && target > 0;
    const filled = hasTarget ? Math.floor((WIDTH * step) / target) : 0;
    const bar = hasTarget ? ` ${green('━'.repeat(filled))}${gray('━'.repeat(WIDTH - filled))}` : '';
    const count = hasTarget ? bold(`${padTo(step, target)}/${target}`) : `${String(step).padStart(7)}/Unknown`;
    const time = isFinal || !hasTarget ? this.#elapsed() : formatRemaining(perStep * (target - step));
    const line = `${count}${bar} ${bold(time)} ${formatStepTime(perStep)}${numbers(logs, 1)}`;
    return this.#output.isTerminal ? this.#over(line) : line;
  }

  #summaryLine(logs: Logs): string {
    const target = this.#target!;
    return `${target}/${target} - ${this.#elapsed()} - ${formatStepTime(this.#secondsPerStep(target))}${numbers(logs, 2)}`;
  }

  /** Returns to the line's start and blanks what a longer former line would leave. */
  #over(line: string): string {
    const width = line.replace(/\x1b\[\d+m/g, '').length;
    const blank = ' '.repeat(Math.max(0, this.#drawnWidth - width));
    this.#drawnWidth = width;
    return `\r${line}${blank}`;
  }

  #elapsed(): string {
    return `${Math.round(this.#output.now() - this.#start)}s`;
  }

  #secondsPerStep(step: number): number {
    if (step === 0) return 0;
    const first = this.#afterFirstStep;
    const now = this.#output.now();
    return first !== undefined && step > 1 ? (now - first) / (step - 1) : (now - this.#start) / step;
  }
}

function numbers(logs: Logs, verbose: 1 | 2): string {
  return Object.entries(logs)
    .map(([name, value]) => ` - ${name}: ${formatNumber(value, verbose)}`)
    .join('');
}

function padTo(step: number, target: number): string {
  return String(step).padStart(String(target).length);
}

const paint =
  (code: number) =>
  (text: string): string =>
    text === '' ? '' : `\x1b[${code}m${text}\x1b[0m`;
const same = (text: string): string => text;
const ansi = { bold: paint(1), green: paint(32), gray: paint(37) };
const plain = { bold: same, green: same, gray: same };

const now = (): number => performance.now() / 1000;
const line: Output = { write: (text) => printLine(text.replace(/\n$/, '')), isTerminal: false, now };

/** The terminal of the process; in a browser, the console, line by line. */
export function standardOutput(): Output {
  const write = terminalWriter();
  return write === undefined ? line : { write, isTerminal: isTerminal(), now };
}
