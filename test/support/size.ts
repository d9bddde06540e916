/** Returns a size of a test: the small one in `npm test`, the full one where FULL_SIZE is set (`npm run test:infra` and `npm run prove`). */
export function sized<Size>(small: Size, full: Size): Size {
  return process.env.FULL_SIZE ? full : small;
}
