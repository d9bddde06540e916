import pino, { type DestinationStream, type Logger } from 'pino';
import { redact } from '../core/redact.js';
import type { LogFormat } from './log-format.js';

interface LoggerOptions {
  /** Fields of every line. */
  base?: Record<string, unknown>;
  /** Standard output by default. */
  destination?: DestinationStream;
  /** Format of each line; JSON by default. */
  format?: LogFormat | undefined;
}

/** Position in pino's lines of the first digit of the level. */
const BEFORE_LEVEL = '{"level":'.length;
const WARNING = '4'.charCodeAt(0);

/**
 * Creates the log of a host. It logs harmless fields of errors only, not, for example, the headers of a failed request, and
 * redacts keys and signatures.
 */
export function newLogger(
  level: string,
  { base, destination, format }: LoggerOptions = {},
): Logger {
  const options = {
    level,
    ...(base && { base }),
    serializers: { err: shownError },
    // Lines of lower levels, one per request, have no text to redact.
    hooks: {
      streamWrite: (line: string) => {
        const shown = line.charCodeAt(BEFORE_LEVEL) >= WARNING ? redact(line) : line;
        return format ? format(shown) : shown;
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Logged fields of an error. */
interface ShownError {
  type: string;
  code?: string;
  message: string;
  stack?: string;
  /** Fields of an AWS error. */
  aws?: { status?: number; requestId?: string; attempts?: number };
  cause?: ShownError | undefined;
}

const MOST_CAUSES = 5;
const LONGEST = 4000;

/** Returns the loggable fields of an error. */
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

/** Shortens a message: a long one may be a document that could not be parsed. */
function cut(text: string): string {
  return redact(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
