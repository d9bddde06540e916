// @ts-check
import { environmentOf, main, Refusal, say, text } from './lib/command.js';
import { run } from './lib/run.js';
import { targetOf } from './lib/target.js';

const USAGE = `usage: npm run deploy:push -- --env dev|prd [--tag TAG]

Builds the image with Docker on this machine for the processor of an environment (\`architecture\`), pushes it to
its repository and prints its digest. Use it for the first image; later a push to the branch builds, tests and deploys.

  --env      dev or prd
  --tag      a tag that the repository does not have yet; by default the commit
  --help     print this help
`;

await main({
  name: 'push',
  usage: USAGE,
  options: { env: 'text', tag: 'text' },
  async run(options) {
    const target = await targetOf(environmentOf(options));
    const commit = (await run('git', ['rev-parse', 'HEAD'])).trim();
    const changed = await run('git', ['status', '--porcelain', '--untracked-files=no']);
    const tag = text(options, 'tag') ?? commit;
    if (changed !== '' && tag === commit) {
      throw new Refusal('there are uncommitted changes: commit them, or name the image with --tag');
    }
    const image = `${target.image_repository_url}:${tag}`;
    await logIn(target);
    say(`build   ${image} for ${target.architecture}`);
    const labels = ['--build-arg', `VERSION=${tag}`, '--build-arg', `REVISION=${commit}`];
    // Lambda takes a single image, not an index with attestations.
    const plain = ['--provenance=false', '--sbom=false', '--platform', platformOf(target)];
    await run('docker', ['buildx', 'build', ...plain, ...labels, '--tag', image, '--push', '.'], {
      show: true,
    });
    const digest = await run('docker', [
      'buildx',
      'imagetools',
      'inspect',
      image,
      '--format',
      '{{.Manifest.Digest}}',
    ]);
    say(`pushed  ${target.image_repository_url}@${digest.trim()}`);
  },
});

/** Returns Docker's name of the processor of the functions. @param {import('./lib/target.js').Target} target */
function platformOf({ architecture }) {
  return architecture === 'arm64' ? 'linux/arm64' : 'linux/amd64';
}

/** @param {import('./lib/target.js').Target} target */
async function logIn({ region, image_repository_url }) {
  const registry = image_repository_url.split('/')[0] ?? '';
  // Through a shell's pipe, so that other processes cannot read the password from the arguments.
  const login =
    'aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"';
  const env = { REGISTRY: registry, AWS_REGION: region, AWS_DEFAULT_REGION: region };
  await run('bash', ['-o', 'pipefail', '-c', login], { env });
}
