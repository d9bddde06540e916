import { requireSharedAccess } from '../../compose/access.js';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { createAuthorizer } from './authorize.js';

// Lambda waits for this module before the first event: what is done here is done once an instance.
const config = readConfig();
requireSharedAccess(config);
const { gate } = await (await compose(config)).access();

export const handler = createAuthorizer(gate);
