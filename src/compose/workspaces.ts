import { OPERATOR } from '../core/operator.js';
import type { Storages } from './storage.js';
import { composeWorkspace, type Workspace, type WorkspaceParts } from './workspace.js';

/** Maximum workspaces in memory; the least recently used one is evicted. */
const HELD = 500;
/** Refreshes without a request after which a workspace is evicted: each costs requests to the bucket. */
const IDLE_REFRESHES = 10;

interface Held {
  workspace: Workspace;
  /** Refreshes since the last request for it. */
  idle: number;
  /** Number of the last request for it, of all requests. */
  asked: number;
}

/** The workspaces of a process: the operator's, and those of recently active clients. */
export class Workspaces {
  readonly operator: Workspace;
  private readonly held = new Map<string, Held>();
  private requests = 0;

  constructor(
    private readonly storages: Storages,
    private readonly parts: WorkspaceParts,
  ) {
    this.operator = composeWorkspace(OPERATOR, storages.of(OPERATOR), parts);
  }

  of(client: string): Workspace {
    if (client === OPERATOR) return this.operator;
    const held = this.held.get(client) ?? this.hold(client);
    held.idle = 0;
    held.asked = ++this.requests;
    return held.workspace;
  }

  private hold(client: string): Held {
    if (this.held.size >= HELD) void this.evict(this.leastRecent());
    const held = { workspace: this.open(client), idle: 0, asked: 0 };
    this.held.set(client, held);
    return held;
  }

  /** Closes the models of all workspaces. */
  async close(): Promise<void> {
    const clients = [...this.held.keys()];
    await Promise.all([this.operator.registry.close(), ...clients.map((each) => this.evict(each))]);
  }

  private async evict(client: string): Promise<void> {
    const held = this.held.get(client);
    this.held.delete(client);
    await held?.workspace.registry.close();
  }

  private leastRecent(): string {
    const [first, ...others] = this.held;
    return others.reduce((a, b) => (b[1].asked < a[1].asked ? b : a), first!)[0];
  }

  /** Returns the workspace of a client without holding it: upkeep asks for those of clients that are away. */
  find(client: string): Workspace {
    if (client === OPERATOR) return this.operator;
    return this.held.get(client)?.workspace ?? this.open(client);
  }

  private open(client: string): Workspace {
    return composeWorkspace(client, this.storages.of(client), this.parts, this.operator);
  }

  /** Returns the workspaces of the operator and of all clients with stored data. */
  async all(): Promise<Workspace[]> {
    const clients = await this.storages.clients();
    return [this.operator, ...clients.map((client) => this.find(client))];
  }

  /** Checks the aliases of all workspaces in memory. It never throws. */
  async refresh(): Promise<void> {
    await this.operator.registry.refresh();
    for (const [client, held] of [...this.held]) {
      if (++held.idle > IDLE_REFRESHES) void this.evict(client);
      else await held.workspace.registry.refresh();
    }
  }
}
