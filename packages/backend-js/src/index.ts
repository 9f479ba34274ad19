/** The reference backend of Antler in plain TypeScript. */
export { createJsBackend, type JsBackendOptions } from './backend.js';
export type { JsProgram } from './program.js';
