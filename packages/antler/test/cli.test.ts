/** The command and the examination behind it, on the backends of this machine and on ones that fail. */
import { whyUnavailable } from '@antler/backend-cpu-native';
import { createJsBackend } from '@antler/backend-js';
import { DeviceError, registerBackends } from '@antler/core';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { main } from '../src/cli.js';
import type { Diagnosis } from '../src/doctor/diagnosis.js';
import { examine } from '../src/doctor/examine.js';

/** Runs the command; what it wrote and its exit code. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const capture = (name: 'out' | 'err') => (text: unknown) => {
    written[name] += String(text);
    return true;
  };
  jest.spyOn(process.stdout, 'write').mockImplementation(capture('out'));
  jest.spyOn(process.stderr, 'write').mockImplementation(capture('err'));
  try {
    return { code: await main(args), ...written };
  } finally {
    jest.restoreAllMocks();
  }
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('antler', () => {
  test('doctor finds js and, where it is built, the native backend, which pass the self test', async () => {
    const { code, out } = await run('doctor');
    expect(out).toMatch(/^antler +\d+\.\d+\.\d+\n/);
    const reason = whyUnavailable();
    expect(out).toMatch(reason === undefined ? /default backend +native\n/ : /default backend +js\n/);
    if (reason !== undefined) expect(out).toContain(reason);
    expect(out).toMatch(/\+ js: available\n +dtypes: +.*float32.*\n +self test: +passed in \d+ ms\n/);
    expect(code).toBe(0);
  });

  test('doctor --json says the same to programs, with a reason and an action for every backend that is missing', async () => {
    const { code, out } = await run('doctor', '--json');
    const { backends, versions, machine, defaultBackend } = JSON.parse(out) as Diagnosis;
    expect(defaultBackend).toBe(whyUnavailable() === undefined ? 'native' : 'js');
    expect(versions.node).toBe(process.versions.node);
    expect(machine.cores).toBeGreaterThan(0);
    expect(backends.map(({ name }) => name)).toContain('js');
    for (const backend of backends) {
      if (backend.available) expect(backend.selfTest.passed).toBe(true);
      else expect([backend.reason, backend.action]).not.toContain('');
    }
    expect(code).toBe(0);
  });

  test('says what it does not know, and how it is used', async () => {
    expect((await run('--help')).out).toMatch(/^Usage: antler/);
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const [args, wrong] of [
      [['docter'], 'docter'],
      [['doctor', '--jsn'], '--jsn'],
      [['--version', '--json'], '--json'],
    ] as const) {
      const { code, err } = await run(...args);
      expect(err).toContain(`antler: unknown argument "${wrong}"\n\nUsage: antler`);
      expect(code).toBe(2);
    }
    expect((await run()).code).toBe(2);
  });
});

describe('examine', () => {
  test('a backend that cannot be made is missing for the reason it gives; the next one is the default', async () => {
    const broken = (): never => {
      throw new DeviceError('no such device');
    };
    registerBackends({ js: createJsBackend });
    const diagnosis = await examine('1.2.3', { broken, js: createJsBackend }, {});
    expect(diagnosis.backends[0]).toMatchObject({ name: 'broken', available: false, reason: 'no such device' });
    expect(diagnosis.backends[1]).toMatchObject({ name: 'js', available: true, selfTest: { passed: true } });
    expect(diagnosis.defaultBackend).toBe('js');
  });

  test('a backend that computes wrong numbers fails the self test with the number it gave', async () => {
    const wrong = (): ReturnType<typeof createJsBackend> => {
      const backend = createJsBackend();
      return {
        ...backend,
        read: async (...args) => {
          const bytes = await backend.read(...args);
          new Uint8Array(bytes).fill(0);
          return bytes;
        },
      };
    };
    registerBackends({ wrong });
    const diagnosis = await examine('1.2.3', { wrong }, {});
    expect(diagnosis.backends[0]).toMatchObject({
      available: true,
      selfTest: { passed: false, reason: 'selfTest: expected loss [6.25], received [0].' },
    });
  });
});
