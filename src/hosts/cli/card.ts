import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cardPage, plotFile } from '../../cards/index.js';
import type { Workspace } from '../../compose/workspace.js';
import { print } from './output.js';

/**
 * Writes the model cards of champions, each a page and its plots. The same version gives the same bytes.
 * @param model a name, or `all` @param output the directory to write to
 */
export async function card(
  { registry, workbench }: Pick<Workspace, 'registry' | 'workbench'>,
  model: string,
  output: string,
): Promise<void> {
  const models = model === 'all' ? await registry.models() : [model];
  const service = await workbench();
  await mkdir(output, { recursive: true });
  for (const name of models) {
    const data = await service.cardData(name);
    const page = join(output, `${name}.md`);
    for (const plot of data.plots) await writeFile(join(output, plotFile(name, plot)), plot.svg);
    await writeFile(page, cardPage(data));
    print(`${page}, of version ${data.version.id}`);
  }
}
