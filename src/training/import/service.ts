import { defined } from '../../core/defined.js';
import { LapidaryError } from '../../core/errors.js';
import { PlanModel } from '../../ml/plan-model.js';
import { loadTensorFlow, type TensorFlow } from '../../ml/tensorflow/backend.js';
import { toArtifact } from '../../ml/weights.js';
import type { ModelCard } from '../../registry/index.js';
import type { VersionService } from '../../registry/service.js';
import { instanceAt } from '../../rows/open.js';
import type { Reading } from '../../rows/text/reading.js';
import type { Engine, ServingService } from '../../serving/service.js';
import { examplesOf } from '../examples.js';
import type { ModelDefinitions } from '../port.js';
import { type ForeignArtifact, readForeign } from './artifact.js';
import { type BoundInput, bindInputs } from './inputs.js';
import { fitOutputs, openForeign, orderInputs } from './network.js';
import type { ForeignModels } from './port.js';
import { prove } from './proof.js';
import { parseForeignSpec } from './spec.js';
import { generateTrial, openTrial, scoreTrial } from './trial.js';

/** An import request. Paths are as entered by the user. */
export interface ImportOrder {
  name: string;
  /** A directory with `model.json`. */
  model: string;
  spec: string;
  /** A CSV file to check and score the model on. */
  data?: string;
  /** The format of that file. */
  reading?: Reading;
  /** The column to predict; default: the spec's target. */
  target?: string;
  /** Whether to replace the champion of a model of that name. */
  replace?: boolean;
}

/** The result of an import. */
export interface Imported {
  model: string;
  version: string;
  engine: Engine;
  /** The features of each of the model's inputs. */
  inputs: BoundInput[];
  card: ModelCard;
  /** Inferences about the format of the data. */
  remarks: readonly string[];
  /** A valid instance of the model. */
  example: Record<string, unknown>;
}

/** Imports models that were trained elsewhere. */
export class ImportService {
  constructor(
    private readonly models: ForeignModels,
    private readonly definitions: ModelDefinitions,
    private readonly registry: ServingService,
    private readonly versions: VersionService,
  ) {}

  /**
   * Reads a model, checks that the spec's encoding fits it, proves its compiled plan, and makes it the champion.
   * @throws LapidaryError `model_exists`, `invalid_spec`, `invalid_model`, `invalid_dataset`
   */
  async import(order: ImportOrder): Promise<Imported> {
    const { name } = order;
    if (!order.replace && (await this.isTaken(name))) {
      const detail = `model "${name}" exists: replace its champion with --replace`;
      throw new LapidaryError('model_exists', detail);
    }
    const foreign = parseForeignSpec(await this.models.readSpec(order.spec), name, order.target);
    const { spec } = foreign;
    const files = await readForeign(this.models, order.model);
    const tensorflow = await loadTensorFlow();
    const opened = await openForeign(tensorflow, files);
    const network = fitOutputs(tensorflow, orderInputs(tensorflow, opened, foreign.inputs), spec);
    const { encoding, inputs } = bindInputs(network, spec, foreign.encoding);
    const task = { spec, encoding };
    const artifact = toArtifact(network);

    const trial = order.data
      ? await openTrial(await this.definitions.openFile(order.data, order.reading), spec)
      : generateTrial(spec, encoding);
    const proof = prove(tensorflow, network, artifact, task, trial.rows);
    const card: ModelCard = {
      ...(await scoreTrial(trial, spec, new PlanModel(spec, encoding, proof.plan))),
      ...defined({
        parity: proof.parity && { ...proof.parity, source: trial.source },
        fallback: proof.fallback,
      }),
      imported: describeFiles(order.model, files, tensorflow),
    };
    network.dispose();
    const examples = trial.data ? examplesOf(spec, trial.rows) : [];
    const content = { ...task, artifact: 'layers' as const, network: artifact, card, examples };
    const version = await this.versions.publish(content);
    // An existing definition names its own data.
    if (order.data && !(await this.definitions.has(name)))
      await this.definitions.writeSource(name, order.data, order.reading);
    const engine = proof.fallback === undefined ? 'plan' : 'tensorflow';
    const example = instanceAt(spec, trial.rows, 0);
    const remarks = trial.data?.dataset.remarks ?? [];
    return { model: name, version, engine, inputs, card, remarks, example };
  }

  private async isTaken(name: string): Promise<boolean> {
    return (await this.registry.models()).includes(name) || this.definitions.has(name);
  }
}

function describeFiles(
  source: string,
  { checksum, generatedBy }: ForeignArtifact,
  { version }: TensorFlow,
): NonNullable<ModelCard['imported']> {
  return {
    source,
    checksum,
    generatedBy,
    importedAt: new Date().toISOString(),
    libraries: { '@tensorflow/tfjs': version, node: process.versions.node },
  };
}
