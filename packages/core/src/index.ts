/** The graph core of Antler: tensors, primitives, gradients, programs and the backend interface. */
export {};
