import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const INFRA = fileURLToPath(new URL('../../infra', import.meta.url));
const PAGE = readFileSync(new URL('../../docs/infra.md', import.meta.url), 'utf8');
const FILES = readdirSync(INFRA)
  .filter((name) => name.endsWith('.tf'))
  .map((name) => ({ name, text: readFileSync(join(INFRA, name), 'utf8') }));
const VARIABLE =
  /^variable "(\w+)" \{\n {2}description = "(.*)"\n {2}type +=.*\n(?: {2}default +=(.*)\n)?/gm;
const ACTION =
  /"((?:s3|dynamodb|sqs|logs|lambda|ecr|iam|sts|sns|sagemaker|cloudwatch|inspector2):[A-Z][A-Za-z]+)"/g;
/** What reads like one: how a role is taken, and what a condition asks for. */
const NO_RIGHTS = [
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'dynamodb:LeadingKeys',
  'iam:PassedToService',
];

describe('docs/infra.md', () => {
  it('has each variable, as it is declared', () => {
    const { text } = FILES.find(({ name }) => name === 'variables.tf')!;
    const rows = [...text.matchAll(VARIABLE)].map(
      ([, name, description, value]) =>
        `| \`${name}\` | ${value === undefined ? '' : `\`${value.trim()}\``} | ${description} |`,
    );
    expect(rows).toHaveLength(text.match(/^variable "/gm)!.length);
    expect(PAGE.split('\n').filter((line) => rows.includes(line))).toEqual(rows);
  });

  it('has each action that a role may do', () => {
    const roles = FILES.filter(({ name }) =>
      ['roles.tf', 'sagemaker.tf', 'endpoint.tf', 'github.tf'].includes(name),
    );
    const actions = new Set(
      roles.flatMap(({ text }) => [...text.matchAll(ACTION)].map(([, action]) => action!)),
    );
    for (const other of NO_RIGHTS) actions.delete(other);
    const table = PAGE.slice(PAGE.indexOf('## Permissions'), PAGE.indexOf('## State'));
    const named = [...table.matchAll(/`(\w+):(\w+)`((?:, `\w+`)*)/g)].flatMap(
      ([, service, first, more]) => [
        `${service}:${first}`,
        ...[...more!.matchAll(/`(\w+)`/g)].map(([, action]) => `${service}:${action}`),
      ],
    );
    expect([...new Set(named)].sort()).toEqual([...actions].sort());
  });

  it('has each file', () => {
    for (const { name } of FILES) expect(PAGE).toContain(`\`${name}\``);
  });
});
