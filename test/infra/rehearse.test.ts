import { describe, expect, test } from '@jest/globals';
import { built } from '../support/built.js';
import { runScript } from './commands.js';

const NOT_HERE = 77;
const LIMIT_MS = 1_500_000;

/**
 * Terraform's provider waits for minutes until AWS has understood: both environments are for who asks for them. CI
 * takes the one that has more; what dev has is applied and deployed to in the tests beside this one.
 */
const environments = process.env.REHEARSE ? ['dev', 'prd'] : process.env.CI ? ['prd'] : [];
if (environments.length === 0) {
  process.stderr.write(
    '\nNOT TESTED: deployment from an empty account takes minutes: npm run deploy:rehearse\n\n',
  );
}

(environments.length > 0 ? describe : describe.skip)('docs/deploy.md, on an emulator', () => {
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
