// @ts-check
// Runs the functions of an emulator without a container engine. The emulator sends each event with the name and version
// of the function. The emulator's Lambda API has the image, command and environment of that version. The application in
// the image then runs as a process, under AWS' runtime client.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { aws } from './aws.js';

/** The Runtime API of the tests. */
const RUNTIME = 'test/hosts/lambda/function.ts';

export class FunctionHost {
  /** @type {Map<string, Promise<any>>} by function and version, as each instance of a function has one version */
  #started = new Map();
  /** @type {Map<string, string>} */
  #images = new Map();
  #server = createServer((request, response) => void this.#answer(request, response));

  /** @param {{ env: Record<string, string>, directory: string, startFunction: Function }} parts */
  constructor({ env, directory, startFunction }) {
    this.env = env;
    this.directory = directory;
    this.startFunction = startFunction;
  }

  /**
   * @param {{ env: Record<string, string> }} options environment variables with the address of AWS
   * @returns {Promise<FunctionHost>} listening
   */
  static async start({ env }) {
    const directory = await mkdtemp(join(tmpdir(), 'lapidary-functions-'));
    const outfile = join(directory, 'runtime.mjs');
    await build({ entryPoints: [RUNTIME], outfile, bundle: true, platform: 'node', format: 'esm' });
    const { startFunction } = await import(pathToFileURL(outfile).href);
    const host = new FunctionHost({ env, directory, startFunction });
    await new Promise((resolve) => host.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return host;
  }

  get url() {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  }

  /**
   * Registers the contents of an image.
   * @param {string} digest
   * @param {string} root the directory that is /app in the image
   */
  add(digest, root) {
    this.#images.set(digest, root);
  }

  /** Lists the functions that ran, as NAME:VERSION. */
  get ran() {
    return [...this.#started.keys()];
  }

  async stop() {
    await Promise.allSettled(
      [...this.#started.values()].map(async (started) => (await started).stop()),
    );
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.directory, { recursive: true, force: true });
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    try {
      let event = '';
      for await (const part of request.setEncoding('utf8')) event += part;
      const name = String(request.headers['x-amzn-lambda-function-name']);
      const version = String(request.headers['x-amzn-lambda-function-version']);
      const started = await this.#instance(name, version);
      const { payload, functionError } = await started.invoke(JSON.parse(event));
      response.writeHead(functionError === undefined ? 200 : 500).end(payload);
    } catch (error) {
      response.writeHead(500).end(JSON.stringify({ errorMessage: String(error) }));
    }
  }

  /** @param {string} name @param {string} version */
  #instance(name, version) {
    const key = `${name}:${version}`;
    const there = this.#started.get(key) ?? this.#start(name, version);
    this.#started.set(key, there);
    // Lambda replaces an instance that did not start.
    there.catch(() => this.#started.delete(key));
    return there;
  }

  /** @param {string} name @param {string} version */
  async #start(name, version) {
    const of = ['--function-name', name, '--qualifier', version];
    const { Code, Configuration } = await aws(
      this.env.AWS_REGION ?? '',
      'lambda',
      'get-function',
      ...of,
    );
    const digest = Code.ImageUri.split('@')[1];
    const root = this.#images.get(digest);
    if (root === undefined) throw new Error(`unknown image ${digest}`);
    const { Command } = Configuration.ImageConfigResponse.ImageConfig;
    const own = join(this.directory, `${name}-${version}`);
    return this.startFunction({
      command: [process.execPath, join(root, 'dist/main.js'), ...Command],
      env: { ...Configuration.Environment.Variables, ...this.env, DATA_DIR: own },
      timeoutMs: Configuration.Timeout * 1000,
    });
  }
}
