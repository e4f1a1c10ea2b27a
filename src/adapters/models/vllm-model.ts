import type { DestinationConfig } from '../../core/config.ts';
import type { CallOptions, Model, ModelEvent } from '../../core/ports.ts';
import type { Egress } from '../egress/egress.ts';
import { createOpenAiModel } from './openai-model.ts';
import { isUnknown } from './server-client.ts';
import type { VllmServer } from './vllm-server.ts';

/**
 * A model of a vLLM server: the server is woken up and an adapter loaded before it is asked, once more
 * where the server has lost it since (it was started anew). Rejects like `createOpenAiModel`.
 */
export function createVllmModel(options: {
  readonly destination: DestinationConfig;
  readonly model: string;
  readonly key: string | undefined;
  readonly egress: Egress;
  readonly server: Pick<VllmServer, 'doReady' | 'forget' | 'isAdapter'>;
}): Model {
  const { model, server } = options;
  const inner = createOpenAiModel(options);

  async function* ready(
    ask: () => AsyncIterable<ModelEvent>,
    { signal }: CallOptions,
  ): AsyncGenerator<ModelEvent> {
    await server.doReady(model, { signal });
    let hasBegun = false;
    try {
      for await (const event of ask()) {
        hasBegun = true;
        yield event;
      }
      return;
    } catch (error) {
      if (!hasBegun) server.forget(model);
      if (hasBegun || !isUnknown(error) || !server.isAdapter(model)) throw error;
    }
    await server.doReady(model, { signal });
    yield* ask();
  }

  return {
    ...inner,
    doChat: (request, call) => ready(() => inner.doChat(request, call), call),
    doRelay(wish, call) {
      // Whether the server takes the body as it is does not depend on what it has loaded.
      const first = inner.doRelay?.(wish, call);
      if (first === undefined) return undefined;
      let isFirst = true;
      return ready(() => {
        const answer = isFirst ? first : (inner.doRelay?.(wish, call) ?? first);
        isFirst = false;
        return answer;
      }, call);
    },
  };
}
