/** Finds out what an installation can do: versions, machine, and every backend tried out. */
import { cpus, freemem, totalmem } from 'node:os';
import type { DType } from '@antler/core';
import type { Absence, BackendTable } from '../backends.js';
import type { BackendDiagnosis, Diagnosis } from './diagnosis.js';
import { selfTest } from './self-test.js';

/** Examines this process's machine and the given backends. */
export async function examine(
  antlerVersion: string,
  present: BackendTable,
  absent: Readonly<Record<string, Absence>>,
): Promise<Diagnosis> {
  const backends: BackendDiagnosis[] = [];
  // One at a time: the self test chooses the process's backend.
  for (const [name, create] of Object.entries(present)) backends.push(await examineBackend(name, create));
  const defaultBackend = backends.find((backend) => backend.available)?.name;
  for (const [name, absence] of Object.entries(absent)) backends.push({ name, available: false, ...absence });
  return {
    versions: { antler: antlerVersion, node: process.versions.node, v8: process.versions.v8 },
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
    },
    backends,
    defaultBackend,
  };
}

async function examineBackend(name: string, create: BackendTable[string]): Promise<BackendDiagnosis> {
  let dtypes: DType[];
  try {
    const backend = await create();
    dtypes = Object.keys(backend.bytes) as DType[];
    backend.dispose();
  } catch (error) {
    return {
      name,
      available: false,
      reason: messageOf(error),
      action: 'see the reason; another backend is used meanwhile',
    };
  }
  try {
    return { name, available: true, dtypes, selfTest: { passed: true, milliseconds: await selfTest(name) } };
  } catch (error) {
    return { name, available: true, dtypes, selfTest: { passed: false, reason: messageOf(error) } };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
