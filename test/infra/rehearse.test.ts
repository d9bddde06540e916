import { describe, expect, test } from '@jest/globals';
import { built } from '../support/built.js';
import { sized } from '../support/size.js';
import { runScript } from './commands.js';

const NOT_HERE = 77;
const LIMIT_MS = 1_500_000;

/** prd has more than dev, which is applied and deployed to in the tests beside this one; a proof takes both. */
const environments = process.env.REHEARSE ? ['dev', 'prd'] : ['prd'];

// Terraform's provider waits for minutes until AWS has understood.
sized(describe.skip, describe)('docs/deploy.md, on an emulator', () => {
  test(
    `leads from an empty account to ${environments.join(' and ')}, and back to an empty account`,
    async () => {
      await built('main.js');
      const { code, stdout, stderr } = await runScript(
        'rehearse',
        environments.length === 1 ? ['--env', environments[0]!] : [],
      );
      if (code === NOT_HERE) {
        process.stderr.write(`\nNOT TESTED: ${stderr}\n\n`);
        return;
      }
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const env of environments) {
        expect(stdout).toContain(`${env} runs the first image and predicts`);
        expect(stdout).toContain(
          `${env} has rolled back an image that does not start, and predicts`,
        );
        expect(stdout).toContain(`${env} is rolled back to the first image`);
      }
      expect(stdout).toContain('all is destroyed: 0 resources');
    },
    LIMIT_MS,
  );
});
