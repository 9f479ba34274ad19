/** Deep learning for TypeScript: the Keras way of working in Node and the browser. */
export {};
