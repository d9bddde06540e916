import type { Registry } from './service.js';

/**
 * Has a registry look every so often where the aliases point. No request waits for it, and it does not
 * keep a process alive.
 * @returns ends it
 */
export function watchAliases(
  registry: Pick<Registry, 'refresh'>,
  milliseconds: number,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const waitAndLook = (): void => {
    timer = setTimeout(async () => {
      await registry.refresh();
      if (!ended) waitAndLook();
    }, milliseconds).unref();
  };
  waitAndLook();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
