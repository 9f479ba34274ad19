/** The reference backend of Antler in plain TypeScript. */
export {};
