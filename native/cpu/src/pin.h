// Keeps the addon in the process.
#pragma once

namespace antler {

/** Node.js unloads an addon with the last worker that used it, but the executor's thread stays in its code. */
void pinLibrary();

}  // namespace antler
