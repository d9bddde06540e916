// The least work of a bundled Fastify from its start to its first response.
import pino from 'pino';
import { buildEcho } from './echo.js';
import { INSTANCE } from './instance.js';

const app = buildEcho(pino({ level: 'silent' }));
const answer = await app.inject({
  method: 'POST',
  url: '/models/diamonds/predictions',
  payload: { instances: [INSTANCE] },
});
if (answer.statusCode !== 200) throw new Error(answer.body);
