/** The service that this page came from. */
import { Onecycle } from '../../../src/client/index.js';

/** Its client. */
export const client = new Onecycle();
