// What setup has to do, decided from facts alone, so that every case can be tested without a machine in that state.

/**
 * A lock file, the one in the repository or the one npm leaves in node_modules.
 * @typedef {{ packages?: Record<string, LockEntry> }} Lock
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, integrity?: string }} LockEntry
 */

/** The oldest Node.js that Antler runs on, as in `engines` of package.json. */
export const oldestNode = '20.19.0';

/**
 * Whether one version is at least another; only numbers count.
 *
 * @param {string} version
 * @param {string} minimum
 * @returns {boolean}
 */
export function atLeast(version, minimum) {
  const have = version.replace(/^v/, '').split('.').map(Number);
  const want = minimum.split('.').map(Number);
  for (const [place, number] of want.entries()) {
    const difference = (have[place] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * The first reason why what is installed is not what the lock asks for, or undefined if it is. An optional package may
 * be absent (npm leaves out the ones made for other platforms), and more than the lock asks for does no harm.
 *
 * @param {Lock} lock what package-lock.json says
 * @param {Lock | undefined} installed what node_modules/.package-lock.json says, undefined if there is none
 * @returns {string | undefined}
 */
export function whyInstall(lock, installed) {
  if (installed?.packages === undefined) return 'nothing is installed yet';
  for (const [path, wanted] of Object.entries(lock.packages ?? {})) {
    if (!path.includes('node_modules/')) continue;
    const found = installed.packages[path];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (found === undefined) {
      if (wanted.optional === true) continue;
      return `${name} is missing`;
    }
    if (found.version !== wanted.version) return `${name} is ${found.version}, the lock says ${wanted.version}`;
    if (found.link !== wanted.link || found.integrity !== wanted.integrity) return `${name} differs from the lock`;
  }
  return undefined;
}

/**
 * What to do about system packages that a feature wants.
 *
 * @param {{ missing: readonly string[], debian: boolean, root: boolean }} facts
 * @returns {{ action: 'nothing' } | { action: 'install' } | { action: 'tell', reason: string }}
 */
export function decideSystemPackages({ missing, debian, root }) {
  if (missing.length === 0) return { action: 'nothing' };
  const names = missing.join(' ');
  if (!debian)
    return { action: 'tell', reason: `this system is not Debian; what ${names} is there has to come from it` };
  if (!root) return { action: 'tell', reason: `not root; run: sudo apt-get install --no-install-recommends ${names}` };
  return { action: 'install' };
}

/**
 * The one line of a failed command's output that says most: the first error that npm or apt-get names, else the last line.
 *
 * @param {string} output
 * @returns {string}
 */
export function mainError(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const errors = lines.flatMap((line) => /^(?:E:|npm error) (?!code |syscall |errno )(.+)/.exec(line)?.[1] ?? []);
  return errors[0] ?? lines.findLast((line) => line !== '') ?? 'no output';
}
