/** The key that a request has in its headers; `Authorization` counts where both are there. */
export function keyOf(headers: {
  authorization?: string | undefined;
  'x-api-key'?: string | string[] | undefined;
}): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return bearerOf(authorization);
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** The token of `Authorization: Bearer`. */
function bearerOf(authorization: string): string | undefined {
  if (authorization.startsWith('Bearer lap_')) return authorization.slice(7);
  return /^bearer +(\S+)\s*$/i.exec(authorization)?.[1];
}
