// @ts-check
// The steps of the rehearsal: the commands of docs/deploy.md.
import { aws } from './aws.js';
import { Refusal, say } from './command.js';
import { bootstrap, firstKey, prediction, stateBucket } from './documented.js';
import { Failed, run } from './run.js';
import { pushStandIn } from './stand-ins.js';

/** @typedef {import('./target.js').Target} Target */

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
    const bootstrapped = bootstrap(this.directory, 'apply');
    await Promise.race([stateBucket(this.emulator.region), bootstrapped]);
    try {
      // The environments are independent, so they run at the same time.
      const played = await Promise.allSettled(environments.map((env) => this.#environment(env)));
      const failed = played.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      if (failed.length > 0) throw new Refusal(failed.map(({ message }) => message).join('\n'));
    } finally {
      await bootstrapped;
    }
    await bootstrap(this.directory, 'apply', '-var=destroy_state=true');
    await bootstrap(this.directory, 'destroy', '-var=destroy_state=true');
    const after = await this.emulator.inventory();
    expect(after === before, `resources are left:\n${after}`);
    this.#act(`all is destroyed: ${count(after)} resources`);
  }

  /** @param {string} env */
  async #environment(env) {
    await this.#command(env, 'up', '--yes');
    this.#act(`${env} exists, without functions`);
    const target = await this.#target(env);
    const [first, second, broken] = await this.#push(target);
    await this.#command(env, 'up', '--yes', '--image', first);
    this.#act(`${env} has functions`);
    const deploy = await this.#deployer(env);
    await deploy.run('deploy', '--image', first);
    say(`    ${env}  answer  ${await prediction(deploy.target, deploy.key)}`);
    await deploy.run('smoke');
    this.#act(`${env} runs the first image and predicts`);
    await deploy.run('deploy', '--image', second);
    await this.#runs(deploy.target, second);
    this.#act(`${env} runs the second image`);
    await deploy.fails('deploy', '--image', broken);
    await this.#runs(deploy.target, second);
    say(`    ${env}  answer  ${await prediction(deploy.target, deploy.key)}`);
    await deploy.run('smoke');
    this.#act(`${env} has rolled back an image that does not start, and predicts`);
    await deploy.run('rollback', '--yes');
    await this.#runs(deploy.target, first);
    this.#act(`${env} is rolled back to the first image`);
    await this.#planned(env);
    await this.#command(env, 'status');
    this.#act(`${env}: Terraform ignores the changes of deployments`);
    await this.#command(env, 'down', '--yes');
    this.#act(`${env} is destroyed`);
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
   * Returns deployments as the workflow runs them: with the target in a variable and the key in a secret.
   * @param {string} env
   */
  async #deployer(env) {
    const target = this.#reachable(await this.#target(env));
    const key = target.api_url === null ? '' : await firstKey(env);
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
          `${script} of a broken image did not fail`,
        );
        this.#shown(env, /** @type {Failed} */ (error).stderr);
      },
    };
  }

  /** @param {string} env @returns {Promise<Target>} */
  async #target(env) {
    return JSON.parse(await run('node', ['infra/scripts/target.js', '--env', env]));
  }

  /**
   * Replaces the addresses of the gateways by that of the emulator, since not every machine resolves names below localhost.
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

  /** Checks that callers reach only this image. @param {Target} target @param {string} image */
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
   * Checks that Terraform would change no function, alias or gateway. The emulator returns only some fields of alarms and of
   * the authorizer, so Terraform would set the others again.
   * @param {string} env
   */
  async #planned(env) {
    const told = await this.#command(env, 'plan');
    const changes = told.match(/(?<=^[^\w\n]*# )\S+(?= (will|must) be)/gm) ?? [];
    const ours = changes.filter((address) =>
      /^aws_(lambda_|apigatewayv2_(?!authorizer))/.test(address),
    );
    expect(ours.length === 0, `Terraform would change ${ours.join(', ')}`);
    say(
      `    ${env}  plan    ${changes.length} to change, fields that the emulator does not return`,
    );
  }

  /** @param {string} env @param {string} script @param {...string} args */
  async #command(env, script, ...args) {
    return this.#shown(
      env,
      await run('node', [`infra/scripts/${script}.js`, '--env', env, ...args]),
    );
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

/** Matches lines of the commands, not of Terraform. */
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
