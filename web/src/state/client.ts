/** The service that this page came from. */
import { Onecycle } from '../../../src/client/index.js';
import { reportConnection } from './connection.js';
import { apiKey, keyNeeded } from './key.js';

/** Its client. Every request says whether the service answers. */
export const client = new Onecycle({
  transport: 'websocket',
  apiKey,
  fetch: async (request) => {
    try {
      const response = await fetch(request);
      reportConnection('requests', true);
      if (response.status === 401) keyNeeded.value = true;
      return response;
    } catch (error) {
      if (!request.signal.aborted) reportConnection('requests', false);
      throw error;
    }
  },
});
