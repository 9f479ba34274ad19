/** Trains a classifier of handwritten digits on MNIST, as a user of the `antler` package would. */
export {};
