// Packages that the benchmarks are measured against. They are not part of the workspace: `npm run bench:peers` installs them here.

/**
 * A package of this folder, untyped, because it may not be there.
 *
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function peer(name) {
  return import(name).catch((/** @type {Error} */ error) => {
    throw new Error(`${name} is not installed (npm run bench:peers): ${error.message}`);
  });
}
