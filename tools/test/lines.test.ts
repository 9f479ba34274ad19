/** The line counter: what is code, what is not, and what only looks like a comment. */
import { expect, test } from '@jest/globals';
import { countCodeLines } from '../lines/count.mjs';

test('blank lines and comments are not code', () => {
  expect(countCodeLines('')).toBe(0);
  expect(countCodeLines('\n  \n// a\n/* b\n c */\n/** d */\n')).toBe(0);
  expect(countCodeLines('const a = 1; // why\n\n/* b */ const c = 2;\n')).toBe(2);
});

test('a comment that spans lines leaves the code on both its ends counted', () => {
  expect(countCodeLines('const a = /* one\ntwo\nthree */ 1;')).toBe(2);
});

test('a marker inside a string or a template is code', () => {
  expect(countCodeLines("const a = '/*';\nconst b = 2;\n")).toBe(2);
  expect(countCodeLines('const a = `\n// text of the template\n`;\n')).toBe(3);
  expect(countCodeLines('const a = `${ { b: "}" }.b /* c */ }//`;\nconst d = 1;')).toBe(2);
  expect(countCodeLines("const a = '\\'//';\n")).toBe(1);
});

test('a quote in a regular expression does not swallow the lines below', () => {
  expect(countCodeLines('const a = /["]/;\n// comment\nconst b = 1;\n')).toBe(2);
});

test('the last line counts without a newline at its end', () => {
  expect(countCodeLines('a\nb')).toBe(2);
});
