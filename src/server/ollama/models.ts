import { createHash } from 'node:crypto';
import type { ModelStatus } from '../../core/catalogue.ts';
import type { ModelName } from '../../core/farm.ts';

/** Names of the farm as this dialect's clients read models. `statuses` are the catalogue's. */
export class OllamaModels {
  readonly #names: readonly ModelName[];
  readonly #statuses: ReadonlyMap<string, ModelStatus>;

  constructor(names: readonly ModelName[], statuses: readonly ModelStatus[]) {
    this.#names = names;
    this.#statuses = new Map(statuses.map((status) => [status.id, status]));
  }

  /** GET /api/tags: what can be asked for now. */
  printTags() {
    return { models: this.#names.filter((name) => name.ready).map((name) => this.#entry(name)) };
  }

  /** GET /api/ps: what is in memory. The farm decides itself how long. */
  printRunning() {
    const running = this.#names.filter(
      (name) => name.alias === undefined && this.#statusOf(name)?.state === 'resident',
    );
    return {
      models: running.map((name) => ({
        ...this.#entry(name),
        size: this.#statusOf(name)?.memoryBytes ?? 0,
        size_vram: 0,
        context_length: name.contextLength,
        expires_at: '9999-12-31T23:59:59Z',
      })),
    };
  }

  /** POST /api/show: what is known about one name. */
  printShow(name: ModelName) {
    const status = this.#statusOf(name);
    const family = familyOf(name);
    return {
      license: status?.licence ?? '',
      modelfile: `# ${name.id}: ${name.description}\n`,
      parameters: '',
      template: '',
      details: this.#details(name),
      model_info: {
        'general.architecture': family,
        'general.basename': name.id,
        ...(status === undefined ? {} : { 'general.parameter_count': status.parameters }),
        [`${family}.context_length`]: name.contextLength,
      },
      capabilities: capabilitiesOf(name),
      modified_at: timeOf(name),
    };
  }

  #entry(name: ModelName) {
    const tagged = withTag(name.id);
    return {
      name: tagged,
      model: tagged,
      modified_at: timeOf(name),
      size: this.#statusOf(name)?.fileBytes ?? 0,
      // Clients tell models apart by it; here the name and what is behind it are what counts.
      digest: createHash('sha256').update(`${name.id}\n${name.model}\n${name.alias}`).digest('hex'),
      details: this.#details(name),
    };
  }

  #details(name: ModelName) {
    const family = familyOf(name);
    const parameters = this.#statusOf(name)?.parameters;
    return {
      parent_model: name.alias ?? '',
      format: name.kind === 'embedder' ? 'onnx' : 'gguf',
      family,
      families: [family],
      parameter_size: parameters === undefined ? '' : sizeText(parameters),
      quantization_level:
        /(?:^|[-_.])(i?q\d\w*|f16|bf16|int8)$/i.exec(name.model ?? '')?.[1]?.toUpperCase() ?? '',
    };
  }

  #statusOf({ model }: ModelName): ModelStatus | undefined {
    return model === undefined ? undefined : this.#statuses.get(model);
  }
}

/** As Ollama lists them: Open WebUI adds the tag to a name without a colon and looks it up here. */
function withTag(id: string): string {
  return id.includes(':') ? id : `${id}:latest`;
}

/** The letters that a model's name begins with; `cadre` for a name that several serve. */
function familyOf({ model = 'cadre' }: ModelName): string {
  const own = model.slice(model.lastIndexOf('/') + 1);
  return /^[a-z]+\d*/i.exec(own)?.[0].toLowerCase() ?? 'cadre';
}

function capabilitiesOf(name: ModelName): string[] {
  if (name.kind === 'embedder') return ['embedding'];
  if (name.kind === 'reranker') return [];
  return ['completion', ...(name.tools ? ['tools'] : []), ...(name.vision ? ['vision'] : [])];
}

function timeOf(name: ModelName): string {
  return new Date(name.created * 1000).toISOString();
}

/** As the dialect prints it: `134.5M`, `1.5B`. */
function sizeText(parameters: number): string {
  const billions = parameters / 1e9;
  return billions >= 1 ? `${billions.toFixed(1)}B` : `${(parameters / 1e6).toFixed(1)}M`;
}
