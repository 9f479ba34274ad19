// `node tools/opcodes/main.mjs`: writes native/common/opcodes.gen.h.

import { writeFileSync } from 'node:fs';
import { headerPath, renderHeader } from './header.mjs';

writeFileSync(headerPath, await renderHeader());
