import { Directory } from '../objects/directory.js';

/** `input.json` or `result.json` of a job, which was a directory of the name with `facts.json` in it. */
const PREDICTION = /^(batch-predictions\/[^/]+\/)(input|result)\.json$/;

/**
 * A directory in which version 0.1.0 may have kept batch predictions: what it named otherwise gets the name of today
 * when it is first asked for.
 */
export class EarlierDirectory extends Directory {
  override async read(key: string): Promise<Uint8Array | undefined> {
    return (await super.read(key)) ?? ((await this.adopt(key)) ? super.read(key) : undefined);
  }

  override async createOnce(key: string, bytes: Uint8Array): Promise<boolean> {
    await this.adopt(key);
    return super.createOnce(key, bytes);
  }

  /** Creates the object of a key from what version 0.1.0 kept instead. @returns whether there is one now */
  private async adopt(key: string): Promise<boolean> {
    const [, job, name] = PREDICTION.exec(key) ?? [];
    if (job === undefined) return false;
    const at = `${job}${name}/`;
    const facts = await this.readText(`${at}facts.json`);
    return facts !== undefined && this.adoptAs(key, { facts: JSON.parse(facts), at });
  }

  private async adoptAs(key: string, value: unknown): Promise<true> {
    await super.createOnce(key, Buffer.from(`${JSON.stringify(value)}\n`));
    return true;
  }
}
