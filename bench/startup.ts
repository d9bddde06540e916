import { spawnSync } from 'node:child_process';
import { pathOf } from './process.js';
import { compare, round } from './statistics.js';

const ROUNDS = 15;

/** Measures the time to the first prediction, against the first response of a bundled Fastify, and bare Node. */
export async function benchStartup() {
  const prediction = timeProcess([pathOf('./first-prediction.js')]);
  const echo = timeProcess([pathOf('./first-echo.js')]);
  const node = timeProcess(['--eval', '0']);
  const againstEcho = await compare(ROUNDS, prediction, echo);
  const againstNode = await compare(ROUNDS, prediction, node);
  return {
    predictionMs: round(againstEcho.first, 0),
    bareFastifyMs: round(againstEcho.second, 0),
    bareNodeMs: round(againstNode.second, 0),
    timesBareFastify: againstEcho.ratio,
    timesBareNode: againstNode.ratio,
  };
}

function timeProcess(argv: readonly string[]): () => number {
  return () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, argv, {
      env: { ...process.env, LOG_LEVEL: 'silent' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return performance.now() - started;
  };
}
