/** The reference backend under the conformance suite: as it runs, and beside its interpreter. */
import { createJsBackend } from '@antler/backend-js';
import { describeBackend } from '../conformance/describe.js';
import { createPairedBackend } from '../paired.js';

describeBackend('js', () => createJsBackend());
describeBackend('js, both modes', () => createPairedBackend(createJsBackend(), createJsBackend({ generate: false })));
