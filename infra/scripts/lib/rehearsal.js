// @ts-check
// The acts of the rehearsal: the commands of docs/deploy.md, as a person or a workflow types them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { aws } from './aws.js';
import { Refusal, say } from './command.js';
import { Failed, run } from './run.js';
import { pushStandIn } from './stand-ins.js';

/** @typedef {import('./target.js').Target} Target */

const REQUEST = 'infra/smoke.json';

export class Rehearsal {
  #began = Date.now();

  /**
   * @param {{ emulator: import('./emulator.js').Emulator,
   *   host: import('./function-host.js').FunctionHost,
   *   images: Record<import('./stand-ins.js').Name, string>, directory: string }} world
   */
  constructor({ emulator, host, images, directory }) {
    this.emulator = emulator;
    this.host = host;
    this.images = images;
    this.directory = directory;
  }

  /** @param {readonly string[]} environments */
  async play(environments) {
    const before = await this.emulator.inventory();
    this.#act(`an empty account: ${count(before)} resources`);
    const bootstrapped = this.#bootstrap(['apply']);
    await Promise.race([this.#stateBucket(), bootstrapped]);
    try {
      // The environments know nothing of each other: they are played at the same time.
      const played = await Promise.allSettled(environments.map((env) => this.#environment(env)));
      const failed = played.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      if (failed.length > 0) throw new Refusal(failed.map(({ message }) => message).join('\n'));
    } finally {
      await bootstrapped;
    }
    await this.#bootstrap(['apply', '-var=destroy_state=true']);
    await this.#bootstrap(['destroy', '-var=destroy_state=true']);
    const after = await this.emulator.inventory();
    expect(after === before, `it is left over:\n${after}`);
    this.#act(`all is down: ${count(after)} resources`);
  }

  /** @param {string} env */
  async #environment(env) {
    await this.#command(env, 'up', '--yes');
    this.#act(`${env} is up, without functions`);
    const target = await this.#target(env);
    const [first, second, broken] = await this.#push(target);
    await this.#command(env, 'up', '--yes', '--image', first);
    this.#act(`${env} has functions`);
    const deploy = await this.#deployer(env);
    await deploy.run('deploy', '--image', first);
    await this.#predicts(deploy.target, deploy.key);
    this.#act(`${env} runs the first image and predicts`);
    await deploy.run('deploy', '--image', second);
    await this.#runs(deploy.target, second);
    this.#act(`${env} runs the second image`);
    await deploy.fails('deploy', '--image', broken);
    await this.#runs(deploy.target, second);
    await this.#predicts(deploy.target, deploy.key);
    this.#act(`${env} has taken back an image that does not start, and predicts`);
    await deploy.run('rollback', '--yes');
    await this.#runs(deploy.target, first);
    this.#act(`${env} is rolled back to the first image`);
    await this.#planned(env);
    await this.#command(env, 'status');
    this.#act(`${env}: Terraform leaves alone what deployments have moved`);
    await this.#command(env, 'down', '--yes');
    this.#act(`${env} is down`);
  }

  /** @param {Target} target @returns {Promise<[string, string, string]>} images, by digest */
  async #push({ region, image_repository_name, image_repository_url }) {
    /** @param {import('./stand-ins.js').Name} name */
    const push = async (name) => {
      const digest = await pushStandIn(region, image_repository_name, name);
      this.host.add(digest, this.images[name]);
      return `${image_repository_url}@${digest}`;
    };
    return [await push('first'), await push('second'), await push('broken')];
  }

  /**
   * Deployments as the workflow runs them: with the target of a variable and a key of a secret.
   * @param {string} env
   */
  async #deployer(env) {
    const target = this.#reachable(await this.#target(env));
    const key = target.api_url === null ? '' : await this.#firstKey(env);
    const settings = { DEPLOY_TARGET: JSON.stringify(target), SMOKE_KEY: key };
    /** @param {string} script @param {...string} args */
    const start = (script, ...args) =>
      run('node', [`infra/scripts/${script}.js`, '--env', env, ...args], { env: settings });
    return {
      target,
      key,
      /** @param {string} script @param {...string} args */
      run: async (script, ...args) => this.#shown(env, await start(script, ...args)),
      /** @param {string} script @param {...string} args */
      fails: async (script, ...args) => {
        const error = await start(script, ...args).then(
          () => undefined,
          (reason) => reason,
        );
        expect(
          error instanceof Failed && error.code === 1,
          `${script} of a broken image has not failed`,
        );
        this.#shown(env, /** @type {Failed} */ (error).stderr);
      },
    };
  }

  /** The first client and its key, by the command line: docs/deploy.md. @param {string} env */
  async #firstKey(env) {
    const { tables, bucket } = JSON.parse(await this.#outputs(env));
    const settings = { STORE: 'aws', S3_BUCKET: bucket, ACCESS_TABLE: tables.access };
    /** @param {...string} args */
    const lapidary = (...args) => run('node', ['dist/main.js', ...args], { env: settings });
    await lapidary('clients', 'create', 'smoke', '--plan', 'unlimited');
    const said = await lapidary('keys', 'create', 'smoke', '--scopes', 'predict');
    const [key] = /lap_\w+/.exec(said) ?? [];
    if (key === undefined) throw new Refusal('no key was printed');
    return key;
  }

  /** @param {string} env */
  #outputs(env) {
    const code = `import('./infra/scripts/lib/terraform.js').then(async ({ outputs }) =>
      console.log(JSON.stringify(await outputs('${env}'))))`;
    return run('node', ['-e', code]);
  }

  /** @param {string} env @returns {Promise<Target>} */
  async #target(env) {
    return JSON.parse(await run('node', ['infra/scripts/target.js', '--env', env]));
  }

  /**
   * The emulator answers for all gateways at one address: names below localhost are not known everywhere.
   * @param {Target} target @returns {Target}
   */
  #reachable(target) {
    /** @param {string | null} url */
    const here = (url) => {
      if (url === null) return null;
      const id = new URL(url).hostname.split('.')[0];
      return `${this.emulator.endpoint}/_aws/execute-api/${id}/$default`;
    };
    return { ...target, api_url: here(target.api_url), canary_url: here(target.canary_url) };
  }

  /**
   * A prediction to whoever may have one: over HTTPS with the key, or by invoking, as docs/deploy.md has it.
   * @param {Target} target @param {string} key
   */
  async #predicts(target, key) {
    if (target.api_url === null) {
      const out = join(this.directory, 'out.json');
      const of = ['--function-name', target.functions.api ?? '', '--qualifier', 'live'];
      const payload = ['--payload', `fileb://${REQUEST}`, out];
      await aws(target.region, 'lambda', 'invoke', ...of, ...payload);
      say(`    ${target.env}  answer  ${await readFile(out, 'utf8')}`);
    } else {
      const response = await fetch(`${target.api_url}/models/diamonds/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ instances: JSON.parse(await readFile(REQUEST, 'utf8')).instances }),
      });
      say(`    ${target.env}  answer  ${response.status} ${await response.text()}`);
    }
    const env = { DEPLOY_TARGET: JSON.stringify(target), SMOKE_KEY: key };
    await run('node', ['infra/scripts/smoke.js', '--env', target.env, '--alias', 'live'], { env });
  }

  /** That callers reach this image and no other. @param {Target} target @param {string} image */
  async #runs({ region, functions, live_alias, canary_alias }, image) {
    for (const name of Object.values(functions)) {
      for (const alias of [live_alias, canary_alias]) {
        const { Code } = await aws(
          region,
          'lambda',
          'get-function',
          '--function-name',
          name,
          '--qualifier',
          alias,
        );
        expect(Code.ImageUri === image, `${alias} of ${name} is ${Code.ImageUri}, not ${image}`);
      }
    }
  }

  /**
   * That Terraform would touch no function, alias or gateway. Of alarms the emulator tells less than it was told,
   * so Terraform would set those again.
   * @param {string} env
   */
  async #planned(env) {
    const told = await this.#command(env, 'plan');
    const changes = told.match(/(?<=^[^\w\n]*# )\S+(?= (will|must) be)/gm) ?? [];
    const ours = changes.filter((address) => /^aws_(lambda|apigateway)/.test(address));
    expect(ours.length === 0, `Terraform would change ${ours.join(', ')}`);
    say(`    ${env}  plan    ${changes.length} to change, of alarms and the like`);
  }

  /** @param {string} env @param {string} script @param {...string} args */
  async #command(env, script, ...args) {
    return this.#shown(
      env,
      await run('node', [`infra/scripts/${script}.js`, '--env', env, ...args]),
    );
  }

  /** As docs/deploy.md says, with the state in the rehearsal's directory. @param {readonly string[]} args */
  async #bootstrap([command = '', ...args]) {
    const env = { TF_DATA_DIR: join(this.directory, 'bootstrap') };
    const terraform = ['-chdir=infra/bootstrap'];
    const state = `-state=${join(this.directory, 'bootstrap.tfstate')}`;
    const region = `-var=region=${this.emulator.region}`;
    await run(
      'terraform',
      [...terraform, command, '-auto-approve', '-input=false', state, region, ...args],
      { env },
    );
  }

  /** The bucket is there at once; the provider then waits a minute for its rules to be known everywhere. */
  async #stateBucket() {
    const { region } = this.emulator;
    for (;;) {
      const { Buckets } = await aws(region, 's3api', 'list-buckets');
      if (Buckets?.length > 0) return;
      await sleep(500);
    }
  }

  /** @param {string} env @param {string} text */
  #shown(env, text) {
    for (const line of text.trimEnd().split('\n')) if (OWN.test(line)) say(`    ${env}  ${line}`);
    return text;
  }

  /** @param {string} line */
  #act(line) {
    say(`${String(Math.round((Date.now() - this.#began) / 1000)).padStart(4)} s  ${line}`);
  }
}

/** Lines of the commands themselves, not of Terraform. */
const OWN =
  /^((image|models|deploy|version|canary|live|smoke|try|not) +(?!=)\S|lapidary-| +\d+ {2}sha256|deploy: .* is not live)/;

/** @param {boolean} holds @param {string} otherwise */
function expect(holds, otherwise) {
  if (!holds) throw new Refusal(otherwise);
}

/** @param {string} lines */
function count(lines) {
  return lines.split('\n').filter((line) => line !== '').length;
}
