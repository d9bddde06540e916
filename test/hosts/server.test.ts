import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { DIAMOND } from '../support/app.js';
import { runMain, startServer } from '../support/process.js';

const BODY = JSON.stringify({ instances: [DIAMOND] });
const PATH = '/models/diamonds/predictions';

describe('the server', () => {
  it('predicts, logs each request as JSON, and stops when told to', async () => {
    const server = await startServer();
    const answer = await fetch(server.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: BODY,
    });
    expect(answer.status).toBe(200);
    server.child.kill('SIGTERM');
    const { code, stdout, stderr } = await server.finished;
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({
        requestId: answer.headers.get('x-request-id'),
        url: PATH,
        status: 200,
      }),
    );
  });

  it('answers the request that is under way before it stops', async () => {
    const server = await startServer();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const head = `POST ${PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`;
    const answered = new Promise<string>((resolve) =>
      socket.on('data', (chunk) => resolve(String(chunk))),
    );
    socket.write(head + BODY.slice(0, 10));
    await fetch(`${server.url}/health/live`);
    server.child.kill('SIGTERM');
    await server.wrote(/"msg":"stopping"/);
    socket.write(BODY.slice(10));
    expect(await answered).toContain('200 OK');
    expect((await server.finished).code).toBe(0);
  });

  it('warns where there is no model to serve, and names the place', async () => {
    const server = await startServer({ MODEL_DIR: '/nowhere' });
    expect((await fetch(`${server.url}/models`)).status).toBe(200);
    server.child.kill('SIGTERM');
    const { stdout } = await server.finished;
    expect(stdout).toMatch(/"level":40.*"directory":"\/nowhere".*no model/);
  });

  it('serves where DATA_DIR cannot be written to, and warns', async () => {
    const server = await startServer({ DATA_DIR: '/proc/x' });
    const health = await fetch(`${server.url}/health/ready`);
    server.child.kill('SIGTERM');
    const { stdout } = await server.finished;
    expect(health.status).toBe(200);
    expect(stdout).toMatch(/"level":40.*"directory":"\/proc\/x".*DATA_DIR is not writable/);
    expect(stdout).not.toMatch(/"level":[56]0|"stack"/);
  });

  it('listens on loopback unless told otherwise', async () => {
    const server = await startServer();
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
    server.child.kill('SIGINT');
    expect((await server.finished).code).toBe(0);
  });

  it('says so when its port is taken', async () => {
    const first = await startServer();
    const second = await runMain(['serve'], { PORT: new URL(first.url).port }).finished;
    expect(second.code).toBe(1);
    expect(second.stdout).toMatch(/EADDRINUSE.*port \d+ is in use, set PORT/);
    first.child.kill();
    await first.finished;
  });

  it('names every setting that is wrong', async () => {
    const { code, stderr } = await runMain(['serve'], { PORT: 'eighty', LOG_LEVEL: 'loud' })
      .finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/PORT must be a whole number.*LOG_LEVEL must be one of/);
  });
});
