import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { sized } from '../support/size.js';
import { describeTerraform, INFRA, TerraformCopy } from '../support/terraform.js';

const MODULES = ['.', 'bootstrap'] as const;
const TEST_MS = 300_000;
/** Tests that load the provider. */
const withProvider = sized(it.skip, it);

describeTerraform('the Terraform files', () => {
  it.each(MODULES)('are formatted: %s', async (module) => {
    const copy = new TerraformCopy(module);
    expect(await copy.run('fmt', '-check', '-recursive', '-diff')).toMatchObject({
      code: 0,
      stdout: '',
    });
  });

  withProvider(
    'are valid with the locked provider: bootstrap',
    async () => {
      const copy = new TerraformCopy('bootstrap');
      await copy.succeed('init', '-lockfile=readonly');
      expect(await copy.succeed('validate')).toContain('The configuration is valid');
    },
    TEST_MS,
  );

  withProvider(
    'are valid, and plan what each environment must have and nothing that it must not',
    async () => {
      const copy = new TerraformCopy('.');
      await copy.succeed('init', '-backend=false', '-lockfile=readonly');
      expect(await copy.succeed('validate')).toContain('The configuration is valid');
      const runs = readdirSync(join(INFRA, 'tests'))
        .map((file) => readFileSync(join(INFRA, 'tests', file), 'utf8'))
        .flatMap((text) => text.match(/^run "/gm) ?? []);
      const printed = await copy.succeed('test');
      expect(printed).toContain(`Success! ${runs.length} passed, 0 failed.`);
    },
    TEST_MS,
  );
});
