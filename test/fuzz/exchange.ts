/** How a request reaches the API: injected, or over a socket, which takes what an injection would put right. */
export type Transport = 'inject' | 'socket' | 'chunked' | 'broken';

/** A request, to the byte. */
export interface FuzzRequest {
  method: string;
  /** With its query, as it is sent. */
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array;
  /** The key that it shows; a name that the run knows it by. */
  key?: { name: string; text: string };
  /** `chunked`: the length of the body is not told; `broken`: the client goes away before all of it was sent. */
  transport: Transport;
  /** How many of it are sent at the same time. */
  times: 1 | 2;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export const typeOf = (answer: Answer): string =>
  (answer.headers['content-type'] ?? '').split(';', 1)[0]!.trim();

/** The body as JSON; undefined where it is none. */
export function jsonOf({ body }: Answer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
