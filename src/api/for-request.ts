/** Finds what works for the one who sent a request: everybody has resources of their own. */
export type ForRequest<Service> = (request: object) => Service;
