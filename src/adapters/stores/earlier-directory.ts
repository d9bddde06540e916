import { Directory } from '../objects/directory.js';

/** Formerly `input/facts.json` or `result/facts.json`, with the other files in the same directory. */
const PREDICTION = /^(batch-predictions\/[^/]+\/)(input|result)\.json$/;
/** Formerly `definition.json` in the only directory of the dataset. */
const FIRST_STATE = /^(datasets\/[^/]+\/)states\/1$/;

/**
 * A directory that may contain datasets and batch predictions of version 0.1.0: an object that names the others is
 * created on first access from the file that version 0.1.0 had instead.
 */
export class EarlierDirectory extends Directory {
  override async read(key: string): Promise<Uint8Array | undefined> {
    return (await super.read(key)) ?? ((await this.adopt(key)) ? super.read(key) : undefined);
  }

  override async createOnce(key: string, bytes: Uint8Array): Promise<boolean> {
    await this.adopt(key);
    return super.createOnce(key, bytes);
  }

  /** Creates an object from the file of version 0.1.0. @returns whether there was one */
  private async adopt(key: string): Promise<boolean> {
    const earlier = (await this.prediction(key)) ?? (await this.definedDataset(key));
    if (earlier === undefined) return false;
    await super.createOnce(key, Buffer.from(`${JSON.stringify(earlier)}\n`));
    return true;
  }

  private async prediction(key: string): Promise<object | undefined> {
    const [, job, name] = PREDICTION.exec(key) ?? [];
    const at = `${job}${name}/`;
    const facts = job && (await this.readText(`${at}facts.json`));
    return facts ? { facts: JSON.parse(facts), at } : undefined;
  }

  private async definedDataset(key: string): Promise<object | undefined> {
    const [, dataset] = FIRST_STATE.exec(key) ?? [];
    for (const incarnation of dataset === undefined ? [] : await this.names(dataset)) {
      const definition = await this.readText(`${dataset}${incarnation}/definition.json`);
      if (definition) return { incarnation, definition: JSON.parse(definition) };
    }
    return undefined;
  }
}
