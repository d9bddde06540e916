import { OPERATOR } from '../core/operator.js';
import type { Storages } from './storage.js';
import { composeWorkspace, type Workspace, type WorkspaceParts } from './workspace.js';

/** So many clients' models are held at a time; who comes back after others is loaded again. */
const HELD = 500;

/** The workspaces of a process: the operator's, and those of clients that were heard of lately. */
export class Workspaces {
  readonly operator: Workspace;
  /** The one that was asked for last comes last. */
  private readonly held = new Map<string, Workspace>();

  constructor(
    private readonly storages: Storages,
    private readonly parts: WorkspaceParts,
    private readonly onOpened: (workspace: Workspace) => void = () => {},
  ) {
    this.operator = composeWorkspace(OPERATOR, storages.of(OPERATOR), parts);
    onOpened(this.operator);
  }

  of(client: string): Workspace {
    if (client === OPERATOR) return this.operator;
    const found = this.held.get(client) ?? this.open(client);
    this.held.delete(client);
    this.held.set(client, found);
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value!);
    return found;
  }

  private open(client: string): Workspace {
    const storage = this.storages.of(client);
    const workspace = composeWorkspace(client, storage, this.parts, this.operator);
    this.onOpened(workspace);
    return workspace;
  }

  /** The operator's, and those of all clients that keep something here. */
  async all(): Promise<Workspace[]> {
    return [this.operator, ...(await this.storages.clients()).map((client) => this.of(client))];
  }

  /** Has all that are held look where their aliases point. It never throws. */
  async refresh(): Promise<void> {
    for (const { registry } of [this.operator, ...this.held.values()]) await registry.refresh();
  }
}
