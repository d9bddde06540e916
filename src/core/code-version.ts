/** The version of this code, as package.json has it: what a version was trained by. */
export const CODE_VERSION = '0.1.0';
