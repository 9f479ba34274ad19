/** Programs of the tests in processes of their own, on the packages' sources: what they hold, Jest does not. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts a program, with the collector at hand. */
export function startProcess(program: URL, args: readonly string[]): ChildProcessWithoutNullStreams {
  const loader = new URL('../environment/sources.mjs', import.meta.url).href;
  const flags = ['--conditions=@antler/source', '--expose-gc', '--import', loader];
  return spawn(process.execPath, [...flags, fileURLToPath(program), ...args]);
}

/** What a program printed until its end; rejects when it complained. */
export async function runProcess(program: URL, args: readonly string[] = []): Promise<string> {
  const child = startProcess(program, args);
  let [out, errors] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += String(text)));
  child.stderr.on('data', (text: Buffer) => (errors += String(text)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0 || errors !== '') throw new Error(`${fileURLToPath(program)} ended with ${String(code)}: ${errors}`);
  return out;
}
