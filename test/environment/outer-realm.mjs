// A Node test environment whose binary types are those of the process.
//
// Jest gives each test file a realm of its own, so a typed array made by a native addon, by `structuredClone` or by
// Node itself is not `instanceof` the test's `Float32Array`. Tests about numbers must not depend on who allocated them.

import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

const binaryTypes = {
  ArrayBuffer,
  SharedArrayBuffer,
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

export default class OuterRealmEnvironment extends NodeEnvironment {
  /** @override */
  async setup() {
    await super.setup();
    Object.assign(this.global, binaryTypes);
    // Tests of memory ask for a collection.
    this.global.gc = globalThis.gc;
  }
}
