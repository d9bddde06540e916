import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe } from '@jest/globals';

/*
 * Terraform for tests, with AWS' real provider. Where the network does not reach Terraform's registry, the provider
 * has to lie on the machine: infra/scripts/provider-mirror.sh looks for it.
 */

/** The directory of the Terraform files. */
export const INFRA = fileURLToPath(new URL('../../infra', import.meta.url));

const REHEARSAL = join(INFRA, 'emulator', 'terraform');
const PROVIDER_MIRROR = join(INFRA, 'scripts', 'provider-mirror.sh');
const COPIED = /\.tf$|^\.terraform\.lock\.hcl$|^environments$|^tests$/;

/** How a command of Terraform ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const made: string[] = [];
const providers = await findProviders();
const missing = await whatIsMissing();

/** A suite that needs Terraform and its provider. Without them it says that it did not run. */
export const describeTerraform = missing === undefined ? describe : unavailable(missing);

/** A copy of a module's files in a directory of its own, in which Terraform may write. */
export class TerraformCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'lapidary-terraform-'));

  /**
   * @param module `.` is that of the environments
   * @param env what Terraform is told beside where its provider is
   */
  constructor(
    module: '.' | 'bootstrap',
    private readonly env: Readonly<Record<string, string>> = {},
  ) {
    made.push(this.directory);
    const source = join(INFRA, module);
    for (const name of readdirSync(source).filter((each) => COPIED.test(each)))
      cpSync(join(source, name), join(this.directory, name), { recursive: true });
  }

  /** Lays what a rehearsal on the emulator needs beside the files. */
  forRehearsal(): this {
    cpSync(REHEARSAL, this.directory, { recursive: true });
    return this;
  }

  /** Runs a command of Terraform, which asks nothing. */
  run(...args: string[]): Promise<Ended> {
    return terraform(args, this.directory, this.env);
  }

  /**
   * Runs a command of Terraform that has to succeed.
   * @returns what it printed
   */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`terraform ${args.join(' ')}: ${stderr}\n${stdout}`);
    return stdout;
  }
}

afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

function terraform(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { PATH, HOME, TF_CLI_CONFIG_FILE } = process.env;
  const known = { PATH, HOME, TF_CLI_ARGS_init: providers };
  // Of a file that is not there Terraform warns at each command.
  const config =
    TF_CLI_CONFIG_FILE !== undefined && existsSync(TF_CLI_CONFIG_FILE)
      ? { TF_CLI_CONFIG_FILE }
      : {};
  const always = { TF_IN_AUTOMATION: '1', TF_INPUT: '0', TF_CLI_ARGS: '-no-color' };
  const options = {
    cwd,
    env: { ...known, ...config, ...always, CHECKPOINT_DISABLE: '1', ...env },
    maxBuffer: 2 ** 26,
  };
  return new Promise((resolve) => {
    execFile('terraform', args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}

/** What `terraform init` is to be told beside what it knows; nothing where no provider lies here. */
async function findProviders(): Promise<string> {
  const given = process.env.TF_CLI_ARGS_init;
  if (given) return given;
  const found = await new Promise<string>((resolve) => {
    execFile('bash', [PROVIDER_MIRROR], (_error, stdout) => resolve(stdout.trim()));
  });
  return found === '' ? '' : `-plugin-dir=${found}`;
}

async function whatIsMissing(): Promise<string | undefined> {
  if ((await terraform(['version'], INFRA)).code !== 0) return 'there is no terraform here';
  // What lies here has to do. Only where nothing does, a failure may mean that there is no network.
  if (providers !== '') return undefined;
  const copy = new TerraformCopy('bootstrap');
  const { code, stderr } = await copy.run('init', '-backend=false');
  return code === 0 ? undefined : `AWS' provider is not here and cannot be fetched: ${stderr}`;
}

function unavailable(reason: string): typeof describe.skip {
  process.stderr.write(`\nNOT TESTED HERE: Terraform: ${reason}\n\n`);
  return describe.skip;
}
