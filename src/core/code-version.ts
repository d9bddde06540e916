/** The version in package.json; recorded in the lineage of trained versions. */
export const CODE_VERSION = '0.1.0';
