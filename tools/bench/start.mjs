// How every benchmark begins and ends: the packages built, the sections written.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNx } from '../setup/build.mjs';
import { root, setup } from '../setup/setup.mjs';
import { withSection } from './page.mjs';

/** @typedef {{ title: string, paragraphs: readonly string[] }} Section */

/** Builds what is measured. */
export function start() {
  setup({ system: false });
  runNx(['run-many', '--target=build', '--projects=packages/*']);
}

/** Puts the sections into docs/benchmarks.md. @param {readonly Section[]} sections */
export function write(sections) {
  const path = join(root, 'docs', 'benchmarks.md');
  let page = readFileSync(path, 'utf8');
  for (const { title, paragraphs } of sections) page = withSection(page, title, paragraphs);
  writeFileSync(path, page);
}

/** The version of a package from the path of its package.json. @param {string} manifest */
export function versionOf(manifest) {
  const { version } = /** @type {{ version: string }} */ (JSON.parse(readFileSync(manifest, 'utf8')));
  return version;
}

/** Ours. */
export const antlerVersion = () => versionOf(join(root, 'packages', 'antler', 'package.json'));
