// Bundles a program as a user's bundler would, straight from the sources.

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** @typedef {{ path: string, bytes: number }} Part a module, relative to the root, with its minified bytes */
/** @typedef {{ bytes: number, gzipped: number, parts: readonly Part[] }} Bundle parts with the largest first */

/**
 * Minified and gzipped size of a program with all that it imports.
 *
 * @param {string} entry path of the program
 * @param {string} root what paths are relative to
 * @returns {Promise<Bundle>}
 */
export async function bundle(entry, root) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@antler/source'],
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  const parts = Object.entries(output?.inputs ?? {}).map(([path, { bytesInOutput }]) => ({
    path,
    bytes: bytesInOutput,
  }));
  const text = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    bytes: text.length,
    gzipped: gzipSync(text, { level: 9 }).length,
    parts: parts.sort((a, b) => b.bytes - a.bytes),
  };
}
