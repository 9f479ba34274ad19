/** Runs as a trace for chrome://tracing and Perfetto, in the Trace Event Format. */
import type { ProgramRun } from './profile.js';

/** A file of the Trace Event Format: spans (`X`) and names of tracks (`M`). Times are in microseconds. */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly ChromeTraceEvent[];
}

/** One entry of a trace. */
export interface ChromeTraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** One track per device, on which a span per run holds those of its kernels. */
export function chromeTrace(runs: readonly ProgramRun[]): ChromeTrace {
  const devices = [...new Set(runs.map(({ device }) => device))];
  const free = devices.map(() => 0);
  const names = devices.map((name, tid): ChromeTraceEvent => {
    return { name: 'thread_name', ph: 'M', pid: 0, tid, args: { name } };
  });
  const spans = runs.flatMap(({ device, start, times, kernels }): ChromeTraceEvent[] => {
    const tid = devices.indexOf(device);
    // A device takes one run after the other, each kernel of it after the one before.
    const from = Math.max(start * 1000, free[tid]!);
    let at = from;
    const inside = kernels.map(({ text, kind, layers, operations, bytes }, i): ChromeTraceEvent => {
      const dur = times[i]! * 1000;
      const span = { name: text, cat: kind, ph: 'X', ts: at, dur, pid: 0, tid, args: { layers, operations, bytes } };
      at += dur;
      return span as ChromeTraceEvent;
    });
    free[tid] = at;
    const args = { kernels: kernels.length };
    return [{ name: 'run', cat: 'run', ph: 'X', ts: from, dur: at - from, pid: 0, tid, args }, ...inside];
  });
  return { displayTimeUnit: 'ms', traceEvents: [...names, ...spans] };
}
