import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe } from '@jest/globals';

/*
 * Terraform for tests, with the real AWS provider. Without access to Terraform's registry the provider must be on the
 * machine: infra/scripts/provider-mirror.sh finds it.
 */

/** The directory of the Terraform files. */
export const INFRA = fileURLToPath(new URL('../../infra', import.meta.url));

const REHEARSAL = join(INFRA, 'emulator', 'terraform');
const PROVIDER_MIRROR = join(INFRA, 'scripts', 'provider-mirror.sh');
const COPIED = /\.tf$|^\.terraform\.lock\.hcl$|^environments$|^tests$/;

/** Result of a Terraform command. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const made: string[] = [];
const providers = await findProviders();
const missing = await whatIsMissing();

/** A suite that needs Terraform and its provider; skipped with a notice without them. */
export const describeTerraform = missing === undefined ? describe : unavailable(missing);

/** A copy of a module in a directory of its own, to which Terraform may write. */
export class TerraformCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'lapidary-terraform-'));

  /**
   * @param module `.` is the root module
   * @param env environment variables beside those for the provider
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

  /** Adds the files for the emulator. */
  forRehearsal(): this {
    cpSync(REHEARSAL, this.directory, { recursive: true });
    return this;
  }

  /** Runs a Terraform command without prompts. */
  run(...args: string[]): Promise<Ended> {
    return terraform(args, this.directory, this.env);
  }

  /**
   * Runs a Terraform command that must succeed.
   * @returns its output
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
  // Terraform warns of a missing file at each command.
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

/** Options of `terraform init` for a local provider; none without one. */
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
  // A local provider must work. Without one, a failure may mean that the network is missing.
  if (providers !== '') return undefined;
  const copy = new TerraformCopy('bootstrap');
  const { code, stderr } = await copy.run('init', '-backend=false');
  return code === 0 ? undefined : `AWS' provider is not here and cannot be fetched: ${stderr}`;
}

function unavailable(reason: string): typeof describe.skip {
  process.stderr.write(`\nNOT TESTED: Terraform: ${reason}\n\n`);
  return describe.skip;
}
