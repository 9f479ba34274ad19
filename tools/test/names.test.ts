/** Names in the bundles of packages: those that JavaScript gives anyway are not given twice. */
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { withoutSpareNames } from '../bundle/names.mjs';

/** As esbuild writes it: of two classes and two functions called alike, the second ones have another variable. */
const text = `
var __name = (target, value) => Object.defineProperty(target, "name", { value, configurable: true });
var Sum = class {
  static {
    __name(this, "Sum");
  }
};
var Sum2 = class extends Sum {
  static {
    __name(this, "Sum");
  }
};
var Own = class _Own {
  static {
    __name(this, "Own");
  }
};
function twice(x) {
  const once = /* @__PURE__ */ __name((y) => y, "once");
  const more = /* @__PURE__ */ __name((y) => {
    const inner = /* @__PURE__ */ __name(() => ({ y }), "inner");
    return [inner, y];
  }, "more");
  return [once, ...more(x), more];
}
__name(twice, "twice");
function twice2() {}
__name(twice2, "twice");
const functions = twice(1).filter((part) => typeof part === "function");
return [Sum, Sum2, Own, twice, twice2, ...functions].map(({ name }) => name);
`;

const namesOf = (body: string): unknown => runInNewContext(`(() => {${body}})().join()`);

test('names are the same without the calls that say them again', () => {
  const shorter = withoutSpareNames(text);
  expect(namesOf(shorter)).toEqual('Sum,Sum,Own,twice,twice,once,inner,more');
  expect(namesOf(shorter)).toEqual(namesOf(text));
  expect(shorter.match(/__name\(/g)).toHaveLength(3);
  expect(shorter.split('\n')).toHaveLength(text.split('\n').length);
});
