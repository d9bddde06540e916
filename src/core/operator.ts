/** Stands in the place of a client for the one who runs all this and asks nobody for a key. */
export const OPERATOR = '';
