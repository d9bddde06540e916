import type { Fence } from './fences.js';

/** A part of a page that is run: a fence, or a command of one that shows commands with their output. */
export interface Step {
  page: string;
  line: number;
  text: string;
  /** It is left running, in place of the server before it. */
  isServer?: true;
  /** What the page shows that it writes. */
  shown?: string;
}

const SHELL = ['sh', 'bash'];
const ADDRESS = '127.0.0.1:8080';
/** Ends what a step wrote: no command of a page writes it. */
const END = '\x1e';

/** What of a page is run, in its order. @param slow with the fences that take long */
export function stepsOf(fences: readonly Fence[], slow: boolean): Step[] {
  const steps: Step[] = [];
  for (const { mark, language, text, page, line } of fences) {
    if (!mark || mark.when === 'not run' || (mark.when === 'slow' && !slow)) continue;
    const { is } = mark;
    if (is && 'file' in is)
      steps.push({ page, line, text: `cat > ${is.file} <<'${END}'\n${text}${END}\n` });
    else if (SHELL.includes(language))
      steps.push({ page, line, text, ...(is && { isServer: true }) });
    else if (language === 'console') steps.push(...sessionOf(text, page, line));
    else steps.at(-1)!.shown = text;
  }
  const asks = steps.some(({ text }) => text.includes(ADDRESS));
  if (!asks || steps.some(({ isServer }) => isServer)) return steps;
  const { page } = steps[0]!;
  return [{ page, line: 0, text: 'node dist/main.js serve\n', isServer: true }, ...steps];
}

/** The commands of a fence that shows a session, each after a `$`, with what they wrote. */
function sessionOf(text: string, page: string, line: number): Step[] {
  const parts = text.matchAll(/^\$ (?<command>(?:.*\\\n)*.*\n)(?<shown>(?:(?!\$ ).*\n)*)/gm);
  return [...parts].map(({ index, groups }) => ({
    page,
    line: line + text.slice(0, index).split('\n').length,
    text: groups!.command!,
    ...(groups!.shown !== '' && { shown: groups!.shown! }),
  }));
}

/** All steps as one script for bash: what one sets the next has. It stops at the first command that fails. */
export function scriptOf(steps: readonly Step[], log: string): string {
  const body = steps.map(({ text, isServer }) => {
    const run = isServer
      ? `set -m\n{\n${text}} >'${log}' 2>&1 &\nserver=$!\nset +m\nready\n`
      : text;
    return `${isServer ? 'stop\n' : ''}${run}printf '${END}'\n`;
  });
  return [PROLOGUE, ...body].join('\n');
}

/** What each step wrote, of those that were done, and last what the one wrote that failed. */
export function writtenBy(output: string): string[] {
  return output.split(END);
}

const PROLOGUE = `set -eo pipefail
server=
stop() {
  if [ -n "$server" ]; then kill -- "-$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  server=
}
ready() {
  until curl -so /dev/null http://${ADDRESS}/health/ready; do
    kill -0 "$server"
    sleep 0.1
  done
}
trap stop EXIT
`;
