// @ts-check
import { aws } from './lib/aws.js';
import { environmentOf, main, Refusal, say, text } from './lib/command.js';
import { targetOf } from './lib/target.js';

const USAGE = `usage: node infra/scripts/scan.js --env dev|prd --image REPOSITORY@sha256:...

Waits for what the repository's scan finds in a pushed image, and ends with 1 when there is anything critical,
or when nothing could be scanned.

  --env      dev or prd
  --image    the image, by digest
  --help     prints this

DEPLOY_TARGET is as for a deployment.
`;

await main({
  name: 'scan',
  usage: USAGE,
  options: { env: 'text', image: 'text' },
  async run(options) {
    const { region, image_repository_name } = await targetOf(environmentOf(options));
    const digest = text(options, 'image')?.split('@')[1];
    if (digest === undefined) throw new Refusal('--image names an image by its digest', 2);
    const of = ['--repository-name', image_repository_name, '--image-id', `imageDigest=${digest}`];
    await aws(region, 'ecr', 'wait', 'image-scan-complete', ...of);
    const found = await aws(region, 'ecr', 'describe-image-scan-findings', ...of);
    const { status, description = 'no reason given' } = found?.imageScanStatus ?? {};
    // ACTIVE is what scanning that goes on (Inspector) says.
    if (status !== 'COMPLETE' && status !== 'ACTIVE') {
      throw new Refusal(`${digest} could not be scanned (${status}): ${description}`);
    }
    /** @type {Record<string, number>} */
    const counts = found.imageScanFindings?.findingSeverityCounts ?? {};
    const critical = counts.CRITICAL ?? 0;
    const told = Object.entries(counts).map(([severity, count]) => `${count} ${severity}`);
    say(`scan    ${digest}: ${told.length > 0 ? told.join(', ') : 'nothing found'}`);
    if (critical > 0)
      throw new Refusal(`${critical} critical findings: the repository tells which`);
  },
});
