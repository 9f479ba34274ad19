// How much code there may be: the bounds that keep the core small and every file readable in one sitting.

/**
 * @typedef {{ path: string, lines: number }} FileLines a file, relative to the root, with its code lines
 * @typedef {{ title: string, limit: number, covers: (path: string) => boolean }} Budget
 */

/** Code lines that one source file may have. */
export const fileLimit = 450;

/** Bounds on the sum over a set of files. @type {readonly Budget[]} */
export const budgets = [
  {
    title: 'core without ops',
    // A ratchet: it may only go down.
    limit: 6500,
    covers: (path) => path.startsWith('packages/core/src/') && !path.startsWith('packages/core/src/ops/'),
  },
];

/**
 * One line for each bound that is broken.
 *
 * @param {readonly FileLines[]} files
 * @returns {string[]}
 */
export function overBudget(files) {
  const long = files
    .filter((file) => file.lines > fileLimit)
    .map((file) => `${file.path} has ${file.lines} code lines, at most ${fileLimit} are allowed`);
  const sums = budgets.flatMap(({ title, limit, covers }) => {
    const lines = total(files.filter((file) => covers(file.path)));
    return lines > limit ? [`${title} has ${lines} code lines, at most ${limit} are allowed`] : [];
  });
  return [...long, ...sums];
}

/** @param {readonly FileLines[]} files @returns {number} */
export function total(files) {
  return files.reduce((sum, file) => sum + file.lines, 0);
}
