import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns a directory for imported files, and a registry in it. */
export function newElsewhere() {
  const root = mkdtempSync(join(tmpdir(), 'lapidary-import-'));
  return {
    root,
    env: { MODEL_DIR: join(root, 'models') },
    at: (path: string) => join(root, path),
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** Requests predictions from a server. */
export async function ask(url: string, model: string, instances: object[]) {
  const answer = await fetch(`${url}/models/${model}/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instances }),
  });
  const { predictions } = (await answer.json()) as {
    predictions: { value: number; label: string; probabilities: Record<string, number> }[];
  };
  return { status: answer.status, predictions };
}

/** Reads a model from a server. */
export async function describedModel(url: string, model: string) {
  return (await fetch(`${url}/models/${model}`)).json() as Promise<{
    engine: string;
    card: Record<string, never>;
  }>;
}
