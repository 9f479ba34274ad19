/** Trains a classifier of handwritten digits on MNIST, as a user of the `antler` package would. */
import { DeviceError } from 'antler';
import { FlagError, helpText, parseFlags, type Options } from './flags.js';
import { report } from './report.js';
import { train } from './train.js';

const { stdout, stderr } = process;

try {
  const options: Options = parseFlags(process.argv.slice(2));
  if (options.help) stdout.write(helpText());
  else {
    const results = await train(options);
    const color = stdout.isTTY && stdout.hasColors(256);
    stdout.write(`\n${report(results, { columns: stdout.columns || 80, color })}`);
  }
} catch (error) {
  // What is wrong with the command line or with this machine is said in a sentence; anything else is a bug and shows its stack.
  if (!(error instanceof FlagError || error instanceof DeviceError)) throw error;
  stderr.write(`mnist: ${error.message}\n--help lists the flags.\n`);
  process.exitCode = 2;
}
