import { spawn } from 'node:child_process';
import type { Finished } from '../support/process.js';

/** Runs a command of infra/scripts like a workflow, without a terminal. */
export function runScript(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [`infra/scripts/${name}.js`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...written })));
}

/** What a workflow has in the variable DEPLOY_TARGET. */
export function targetFor(functions: Record<string, string>, region = 'eu-central-1') {
  return {
    env: 'dev',
    region,
    image_repository_url: 'registry.example/lapidary-dev',
    image_repository_name: 'lapidary-dev',
    functions,
    live_alias: 'live',
    canary_alias: 'canary',
    architecture: 'x86_64',
    api_url: null as string | null,
    canary_url: null as string | null,
    bucket: 'lapidary-dev',
  };
}

/** An image of that repository, told apart by a digit. */
export function imageOf(digit: string): string {
  return `registry.example/lapidary-dev@sha256:${digit.repeat(64)}`;
}
