import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { drainOverHttp, growingDataJourney } from '../support/growing-data.js';
import { startServer } from '../support/process.js';

describe('the server and its workers', () => {
  growingDataJourney(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lapidary-growing-'));
    const env = { MODEL_DIR: join(directory, 'models'), DATA_DIR: join(directory, 'data') };
    const server = await startServer(env);
    return {
      url: server.url,
      drain: () => drainOverHttp(server.url),
      async stop() {
        server.child.kill();
        await server.finished;
        rmSync(directory, { recursive: true });
      },
    };
  });
});
