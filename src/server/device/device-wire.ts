import type { WebSocketServer } from 'ws';
import { z } from 'zod';

/** The connection to one page. */
export type PageSocket = WebSocketServer['clients'] extends Set<infer Socket> ? Socket : never;

/** Bytes of one message of a page. */
export const MOST_MESSAGE_BYTES = 256 * 1024;

const label = z.string().min(1).max(200);
const number = z.int().min(1);

/**
 * What a page says: which specialist it would run; that it has read its bytes, and the labels; what
 * it made of a text; that it could not.
 */
const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('join'), model: z.string().min(1).max(200) }),
  z.strictObject({ type: z.literal('ready'), labels: z.array(label).min(1).max(2000) }),
  z.strictObject({
    type: z.literal('answer'),
    id: number,
    label: label.nullable(),
    confidence: z.number().min(0).max(1),
    ranked: z
      .array(z.strictObject({ label, probability: z.number().min(0).max(1) }))
      .max(2000)
      .default([]),
  }),
  z.strictObject({ type: z.literal('failed'), id: number, reason: z.string().max(300) }),
]);
export type DeviceMessage = z.infer<typeof messageSchema>;

/** Undefined = it is none of these. */
export function readDeviceMessage(text: string): DeviceMessage | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
