import { compose } from '../../compose.js';
import { readConfig } from '../../config.js';
import { createAuthorizer } from './authorize.js';

// Lambda waits for this module before the first event: what is done here is done once an instance.
const { gate } = await (await compose(readConfig())).access();

export const handler = createAuthorizer(gate);
