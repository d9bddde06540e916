/** Returns the service of the client that sent a request: each client has its own resources. */
export type ForRequest<Service> = (request: object) => Service;
