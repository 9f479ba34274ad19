// Packages that the benchmarks are measured against. They are not part of the workspace: `npm run bench:peers` installs them here.

import { fileURLToPath } from 'node:url';
import { versionOf } from '../start.mjs';

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

/** The version of a package that is installed here. @param {string} name */
export const peerVersion = (name) =>
  versionOf(fileURLToPath(new URL(`node_modules/${name}/package.json`, import.meta.url)));
