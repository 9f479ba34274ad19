/** The `antler` command. */
import { createRequire } from 'node:module';
import { AntlerError, registerBackends } from '@antler/core';
import { absentBackends } from './backends.js';
import { isHealthy } from './doctor/diagnosis.js';
import { examine } from './doctor/examine.js';
import { renderDiagnosis } from './doctor/render.js';
import { nodeBackends } from './nodeBackends.js';

const usage = `Usage: antler <command>

  antler doctor          which backends work here, and why others do not
  antler doctor --json   the same for programs
  antler --version       the version of Antler
  antler --help          this text
`;

/** Runs the command line; resolves to the exit code: 0, 1 when doctor found something wrong, 2 for a wrong command line. */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  const unknown = rest.find((argument) => !(command === 'doctor' && argument === '--json'));
  if (command === undefined || unknown !== undefined || !['doctor', '--version', '--help'].includes(command)) {
    const wrong = unknown ?? command;
    process.stderr.write(
      `${wrong === undefined ? '' : `antler: unknown argument ${JSON.stringify(wrong)}\n\n`}${usage}`,
    );
    return 2;
  }
  if (command === 'doctor') return doctor(rest.includes('--json'));
  process.stdout.write(command === '--help' ? usage : `${version()}\n`);
  return 0;
}

async function doctor(json: boolean): Promise<number> {
  registerBackends(nodeBackends);
  const diagnosis = await examine(version(), nodeBackends, absentBackends);
  process.stdout.write(json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : renderDiagnosis(diagnosis));
  return isHealthy(diagnosis) ? 0 : 1;
}

function version(): string {
  const manifest = createRequire(import.meta.url)('antler/package.json') as { readonly version?: unknown };
  if (typeof manifest.version !== 'string') throw new AntlerError('antler: its package.json has no version.');
  return manifest.version;
}
