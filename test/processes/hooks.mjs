// Lets a child process import the sources as they are: types are stripped on the way in, as the tests themselves do it.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  const isOurs = context.parentURL?.endsWith('.ts') === true && /^\.{1,2}\//.test(specifier);
  return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = await readFile(fileURLToPath(url), 'utf8');
  const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, swcrc: false, configFile: false };
  const { code } = await transform(source, /** @type {import('@swc/core').Options} */ (options));
  return { format: 'module', source: code, shortCircuit: true };
}
