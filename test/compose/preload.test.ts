import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const FILES = ['access', 'aws-jobs', 'aws-storage', 'jobs', 'storage', 'workspace'];
/** What only commands and workers import, or jobs that are placed elsewhere. */
const NOT_OF_ROUTES = [
  '../adapters/aws/sagemaker.js',
  '../adapters/local/foreign-models.js',
  '../training/import/service.js',
  '../training/workbench.js',
];

const importsOf = (name: string) => {
  const path = new URL(`../../src/compose/${name}.ts`, import.meta.url);
  const matches = readFileSync(path, 'utf8').matchAll(/import\('([^']+)'\)/g);
  return [...matches].map(([, specifier]) => specifier!);
};

describe('what a server loads before it is ready', () => {
  it('is all that its routes would import later', () => {
    const lazy = new Set(FILES.flatMap(importsOf));
    const loaded = new Set([...importsOf('preload'), ...NOT_OF_ROUTES]);
    expect([...lazy].filter((name) => !loaded.has(name))).toEqual([]);
  });
});
