// The project's own files, as the tools that read all of them see it.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const notOurs = new Set(['node_modules', 'dist', 'build', 'coverage']);

/**
 * Every file below a folder whose name matches, in alphabetical order; generated folders and hidden ones are left out,
 * and so is a folder that does not exist.
 *
 * @param {string} folder
 * @param {RegExp} name
 * @returns {string[]} paths that begin with the folder
 */
export function filesBelow(folder, name) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.has(entry.name) || entry.name.startsWith('.') ? [] : filesBelow(path, name);
    return entry.isFile() && name.test(entry.name) ? [path] : [];
  });
}

/**
 * The packages that people install: their names with their folders.
 *
 * @param {string} root the root of the checkout
 * @returns {Map<string, string>}
 */
export function packages(root) {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  return new Map(
    folders.flatMap((folder) => {
      const path = join(folder, 'package.json');
      if (!existsSync(path)) return [];
      const { name } = /** @type {{ name: string }} */ (JSON.parse(readFileSync(path, 'utf8')));
      return [[name, folder]];
    }),
  );
}
