/** Keras-style layers, models, optimizers and training for Antler. */
export {};
