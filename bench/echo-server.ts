import pino from 'pino';
import { buildEcho } from './echo.js';

const destination = pino.destination({ sync: false, minLength: 4096 });
const logger = pino({ level: process.env.LOG_LEVEL ?? 'info' }, destination);
await buildEcho(logger).listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
