/** The client id of the operator, who runs the installation and needs no key. */
export const OPERATOR = '';
