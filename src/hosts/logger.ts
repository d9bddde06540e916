import pino, { type DestinationStream, type Logger } from 'pino';
import { redact } from '../core/redact.js';
import type { LogFormat } from './log-format.js';

interface LoggerOptions {
  /** What every line says. */
  base?: Record<string, unknown>;
  /** Where lines go; standard output when left out. */
  destination?: DestinationStream;
  /** Form of each line; JSON when left out. */
  format?: LogFormat | undefined;
}

/** What pino's lines begin with before the digit that tells warnings and worse from information. */
const BEFORE_LEVEL = '{"level":'.length;
const WARNING = '4'.charCodeAt(0);

/**
 * The log of a host. Of errors it tells what is known to be harmless and nothing else that they carry, such as the
 * request that failed with its headers; keys and signatures are taken out of what is left.
 */
export function newLogger(
  level: string,
  { base, destination, format }: LoggerOptions = {},
): Logger {
  const options = {
    level,
    ...(base && { base }),
    serializers: { err: shownError },
    // Lines of lesser levels are made of fields that are shown as they are; there is one a request.
    hooks: {
      streamWrite: (line: string) => {
        const shown = line.charCodeAt(BEFORE_LEVEL) >= WARNING ? redact(line) : line;
        return format ? format(shown) : shown;
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** What is told of an error. */
interface ShownError {
  type: string;
  code?: string;
  message: string;
  stack?: string;
  /** Of an error of AWS. */
  aws?: { status?: number; requestId?: string; attempts?: number };
  cause?: ShownError | undefined;
}

const MOST_CAUSES = 5;
const LONGEST = 4000;

/** An error as it may be logged. */
export function shownError(error: unknown, causes = MOST_CAUSES): ShownError | undefined {
  if (causes === 0 || error === undefined || error === null) return undefined;
  if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error)) };
  const { name, message, stack } = error;
  const { code, $metadata } = error as { code?: unknown; $metadata?: unknown };
  const cause = shownError(error.cause, causes - 1);
  return {
    type: name,
    ...(typeof code === 'string' && { code }),
    message: cut(message),
    ...(stack !== undefined && { stack: cut(stack) }),
    ...metadataOf($metadata),
    ...(cause && { cause }),
  };
}

function metadataOf(metadata: unknown): Pick<ShownError, 'aws'> {
  if (typeof metadata !== 'object' || metadata === null) return {};
  const { httpStatusCode, requestId, attempts } = metadata as Record<string, unknown>;
  return {
    aws: {
      ...(typeof httpStatusCode === 'number' && { status: httpStatusCode }),
      ...(typeof requestId === 'string' && { requestId }),
      ...(typeof attempts === 'number' && { attempts }),
    },
  };
}

/** Text that is too long for a message is something else: a document that could not be read, say. */
function cut(text: string): string {
  return redact(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
