/** The diagnosis as text for a terminal. */
import { type BackendDiagnosis, type Diagnosis, isHealthy } from './diagnosis.js';

/** Lines for people; `JSON.stringify` serves programs. */
export function renderDiagnosis(diagnosis: Diagnosis): string {
  const { versions, machine, backends, defaultBackend } = diagnosis;
  const facts = [
    ['antler', versions.antler],
    ['node', `${versions.node} (V8 ${versions.v8}), ${machine.platform}`],
    ['cpu', `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`],
    ['memory', `${showBytes(machine.memoryBytes)}, ${showBytes(machine.freeMemoryBytes)} free`],
    ['default backend', defaultBackend ?? 'none'],
  ] as const;
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    ...facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    '',
    ...backends.flatMap(renderBackend),
    '',
    isHealthy(diagnosis) ? 'All is well.' : 'Something is wrong: see above.',
    '',
  ].join('\n');
}

function renderBackend(backend: BackendDiagnosis): string[] {
  if (!backend.available)
    return [`- ${backend.name}: not available`, `    why:  ${backend.reason}`, `    do:   ${backend.action}`];
  const { name, dtypes, selfTest } = backend;
  const outcome = selfTest.passed ? `passed in ${selfTest.milliseconds.toFixed(0)} ms` : `FAILED: ${selfTest.reason}`;
  return [`+ ${name}: available`, `    dtypes:     ${dtypes.join(' ')}`, `    self test:  ${outcome}`];
}

function showBytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
