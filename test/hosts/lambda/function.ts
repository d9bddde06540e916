import { type ChildProcess, spawn } from 'node:child_process';
import { failure, type InvocationResult, REGION, RuntimeApi } from './runtime-api.js';

/** A function's process and the way to invoke it. */
export interface StartedFunction {
  /** Endpoint for `aws lambda invoke --endpoint-url`. */
  url: string;
  pid: number | undefined;
  invoke: (event: unknown) => Promise<InvocationResult>;
  /** What the process has written so far, standard output and error in one. */
  output: () => string;
  stop: () => Promise<void>;
}

/** The variables that Lambda sets for a function of a container image. */
export function lambdaEnvironment(address: string): Record<string, string> {
  return {
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: 'lapidary',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/lapidary',
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    TZ: ':UTC',
  };
}

/**
 * Starts a function's process under a Runtime API of its own.
 * @param options.command what Lambda would run in the image; may depend on Lambda's variables, where
 *   they have to be passed on the command line
 * @param options.env variables besides Lambda's own
 */
export async function startFunction(options: {
  command: string[] | ((environment: Record<string, string>) => string[]);
  env?: Record<string, string>;
  timeoutMs?: number;
}): Promise<StartedFunction> {
  const { command, env = {}, timeoutMs = 30_000 } = options;
  const api = await RuntimeApi.start({ timeoutMs });
  const environment = { ...lambdaEnvironment(api.address), ...env };
  const [file = '', ...args] = typeof command === 'function' ? command(environment) : command;
  // A process group of its own, so that stopping it also stops what it started.
  const child = spawn(file, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      api.fail(failure('Runtime.InvalidEntrypoint', error.message));
      resolve();
    });
    child.on('close', (code, signal) => {
      const why = signal === null ? `exit status ${code}` : `signal: ${signal}`;
      api.fail(failure('Runtime.ExitError', `Error: Runtime exited with error: ${why}\n${output}`));
      resolve();
    });
  });
  return {
    url: `http://${api.address}`,
    pid: child.pid,
    invoke: (event) => api.invoke(JSON.stringify(event)),
    output: () => output,
    async stop() {
      await terminate(child, gone);
      await api.close();
    },
  };
}

async function terminate(child: ChildProcess, gone: Promise<void>): Promise<void> {
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, name);
  };
  signal('SIGTERM');
  const kill = setTimeout(() => signal('SIGKILL'), 2_000);
  await gone;
  clearTimeout(kill);
}
