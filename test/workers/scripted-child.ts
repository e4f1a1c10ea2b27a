import type { OnnxReply, OnnxRequest } from '../../src/adapters/models/onnx-protocol.ts';

/** A child that does what the first text says: `die` ends it, `hang` leaves it silent. */
const cancelled: number[] = [];
process.on('message', (request: OnnxRequest) => {
  if (request.type === 'cancel') {
    cancelled.push(request.call);
    return;
  }
  const [order] = request.type === 'embed' ? request.texts : [];
  if (order === 'die') {
    process.stderr.write('Error: told to die\n');
    process.exit(7);
  }
  if (order === 'hang') return;
  const reply: OnnxReply = {
    type: 'embedded',
    call: request.call,
    vectors: [Float32Array.from(cancelled)],
    tokenCount: 1,
    cutCount: 0,
    cpuMs: 0,
    memoryBytes: 1000,
  };
  process.send?.(reply);
});
