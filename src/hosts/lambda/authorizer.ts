import { requireSharedAccess } from '../../compose/access.js';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { createAuthorizer } from './authorize.js';

// Lambda loads this module before the first event, once per instance.
const config = readConfig();
requireSharedAccess(config);
const { gate } = await (await compose(config)).access();

export const handler = createAuthorizer(gate);
