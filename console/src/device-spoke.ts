import { labelText, type MicroModelParts, readMicroModel } from '../../src/base/micro-model.ts';

export type DeviceState =
  | { readonly phase: 'off'; readonly reason?: string }
  | { readonly phase: 'joining' }
  | {
      readonly phase: 'serving';
      readonly labels: readonly string[];
      /** Share right that was measured of what a page runs of it, 0 … 1. */
      readonly accuracy: number;
      readonly bytes: number;
      readonly answers: number;
      readonly lastMs?: number;
    };

/** What the farm says to a page; see GET /cadre/v1/browser-spoke. */
type Order =
  | { readonly type: 'serving' }
  | { readonly type: 'ask'; readonly id: number; readonly text: string }
  | { readonly type: 'forget'; readonly id: number }
  | { readonly type: 'refused'; readonly message: string };

/**
 * Joins the farm as a page that runs the specialist here, in this tab: its bytes come once, and texts
 * are sorted by this machine. Call the result to leave; whoever closes the tab has left too.
 */
export function serveOnDevice(model: string, onState: (state: DeviceState) => void): () => void {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/cadre/v1/browser-spoke`);
  socket.binaryType = 'arraybuffer';
  const say = (message: object) => socket.send(JSON.stringify(message));
  let parts: MicroModelParts | undefined;
  let bytes = 0;
  let answers = 0;
  let reason: string | undefined;
  const show = (lastMs?: number) => {
    if (parts === undefined) return;
    const { labels, ngramReport } = parts;
    const shown = { labels, accuracy: ngramReport.accuracy, bytes, answers };
    onState({ phase: 'serving', ...shown, ...(lastMs === undefined ? {} : { lastMs }) });
  };
  const answer = (id: number, text: string) => {
    if (parts === undefined) return;
    const startedAt = performance.now();
    say({ type: 'answer', id, ...labelText(parts, text) });
    answers += 1;
    show(performance.now() - startedAt);
  };
  const hear = (order: Order) => {
    if (order.type === 'ask') answer(order.id, order.text);
    else if (order.type === 'serving') show();
    else if (order.type === 'refused') reason = order.message;
  };
  socket.onopen = () => say({ type: 'join', model });
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') return hear(JSON.parse(data));
    try {
      bytes = data.byteLength;
      parts = readMicroModel(new Uint8Array(data));
      say({ type: 'ready', labels: parts.labels });
    } catch (error) {
      reason = `The model could not be read: ${error instanceof Error ? error.message : error}`;
      socket.close();
    }
  };
  socket.onclose = ({ code }) => {
    const gone = code === 1000 ? undefined : 'The connection to the farm is gone.';
    const why = reason ?? gone;
    onState({ phase: 'off', ...(why === undefined ? {} : { reason: why }) });
  };
  onState({ phase: 'joining' });
  return () => socket.close(1000);
}
