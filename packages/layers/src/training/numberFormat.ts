/** Numbers and times as Keras's progress lines write them. */

/**
 * Four digits after the point, or an exponent when small: `0.9131`, `5.0000e-04`, `nan`. In the lines of `verbose: 2` Keras
 * takes every negative number as small.
 */
export function formatNumber(value: number, verbose: 1 | 2 = 1): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return (verbose === 1 ? Math.abs(value) : value) > 1e-3 ? fixed(value, 4) : exponential(value);
}

/** So many digits after the point; ties go to even, as in Python. Of n digits, only odd multiples of 2⁻ⁿ⁻¹ are ties. */
export function fixed(value: number, digits: number): string {
  const scaled = value * 2 ** (digits + 1);
  if (!Number.isInteger(scaled) || scaled % 2 === 0) return value.toFixed(digits);
  const down = Math.floor(value * 10 ** digits);
  return ((down % 2 === 0 ? down : down + 1) / 10 ** digits).toFixed(digits);
}

function exponential(value: number): string {
  const [digits, exponent] = value.toExponential(4).split('e') as [string, string];
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** Seconds per step in the unit that suits: `6ms/step`. */
export function formatStepTime(seconds: number): string {
  if (seconds >= 1 || seconds === 0) return `${Math.round(seconds)}s/step`;
  if (seconds >= 1e-3) return `${Math.round(seconds * 1e3)}ms/step`;
  return `${Math.round(seconds * 1e6)}us/step`;
}

/** Time left: `42s`, `1:05`, `2:03:04`. */
export function formatRemaining(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (n: number): string => String(n).padStart(2, '0');
  if (seconds > 3600) return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
  return seconds > 60 ? `${Math.floor(whole / 60)}:${pad(whole % 60)}` : `${whole}s`;
}
