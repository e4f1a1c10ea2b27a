import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '../../src/core/ports.ts';
import { askVendor, bodyOf, REQUEST, streaming } from './asked-vendor.ts';

const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;

describe('a server of OpenAI’s dialect', () => {
  it('comes with thought, under either of its names, and with the stop sequence', async () => {
    const vendor = await streaming(
      chunk({ reasoning_content: 'Hm, ' }),
      chunk({ reasoning: 'four.' }),
      chunk({ content: '4' }),
      `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop', stop_reason: 'END' }] })}\n\n`,
      'data: [DONE]\n\n',
    );
    const events = await askVendor(vendor, 'openai');
    expect(events.slice(0, -1)).toEqual([
      { type: 'thinking', text: 'Hm, ' },
      { type: 'thinking', text: 'four.' },
      { type: 'text', text: '4' },
    ]);
    expect(events.at(-1)).toMatchObject({ stopSequence: 'END' });
  });

  it('gets fields of its own dialect at every place, and none of another', async () => {
    const extra = { mark: 1 };
    const request: ModelRequest = {
      ...REQUEST,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi', extra }], extra: { name: 'Ann' } },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', text: 'mine' },
            { type: 'thinking', text: 'theirs', signature: 'sig' },
          ],
          toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }],
        },
        {
          role: 'tool',
          toolCallId: 'c',
          content: [
            { type: 'text', text: 'see' },
            { type: 'image', url: 'data:image/png;base64,AA==' },
          ],
        },
      ],
      tools: [{ name: 'f', extra: { strict: true } }],
      parallelToolCalls: false,
      extra: { user: 'u' },
    };
    const bodyIn = async (dialect: 'anthropic' | 'openai') => {
      const vendor = await streaming(chunk({}, 'stop'), 'data: [DONE]\n\n');
      await askVendor(vendor, 'openai', { ...request, dialect });
      return bodyOf(vendor);
    };
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
    expect(await bodyIn('openai')).toMatchObject({
      user: 'u',
      parallel_tool_calls: false,
      tools: [{ function: { name: 'f', strict: true } }],
      messages: [
        { role: 'user', name: 'Ann', content: [{ type: 'text', text: 'hi', mark: 1 }] },
        { role: 'assistant', content: null, reasoning_content: 'mine' },
        { role: 'tool', tool_call_id: 'c', content: 'see' },
        { role: 'user', content: [image] },
      ],
    });
    expect(JSON.stringify(await bodyIn('anthropic'))).not.toMatch(/mark|Ann|strict|"user":/);
  });
});
