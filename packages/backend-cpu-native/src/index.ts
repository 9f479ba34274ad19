/** The native CPU backend of Antler: programs run in C++, on a thread of their own. */
export { createNativeBackend, type NativeBackendOptions } from './backend.js';
export { whyUnavailable } from './addon.js';
