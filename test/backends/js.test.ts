/** The reference backend under the conformance suite. */
import { createJsBackend } from '@antler/backend-js';
import { describeBackend } from '../conformance/describe.js';

describeBackend('js', () => createJsBackend());
