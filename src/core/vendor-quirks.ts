import { z } from 'zod';

/** Where a server of OpenAI's dialect departs from it; set by the vendor's row, or by hand. */
export const quirksSchema = z.strictObject({
  limitField: z
    .enum(['max_tokens', 'max_completion_tokens'])
    .optional()
    .describe('Name of the limit of tokens; otherwise the server’s own refusal teaches it.'),
  refuses: z
    .array(z.string())
    .optional()
    .describe('Fields that the server answers with an error; they are left out.'),
  seedField: z.string().optional().describe('Name of `seed` there.'),
  requiredChoice: z.string().optional().describe('Word for a `tool_choice` of `required` there.'),
  systemRole: z
    .enum(['system', 'developer'])
    .optional()
    .describe('Role that instructions are sent in.'),
  schemas: z
    .enum(['strict', 'plain', 'prompt'])
    .optional()
    .describe(
      'JSON Schemas are bound strictly where they are closed, sent as they are (default), or told to the model, whose server knows only `json_object`.',
    ),
  thoughtField: z
    .enum(['reasoning_content', 'reasoning', 'none'])
    .optional()
    .describe('Field in which earlier thoughts are handed back; default `reasoning_content`.'),
  keyHeader: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional()
    .describe('Header that carries the bare key instead of `authorization: Bearer`.'),
  chatPath: z
    .string()
    .startsWith('/')
    .optional()
    .describe('Path below the URL; `{model}` and `{apiVersion}` are filled in.'),
});

export type VendorQuirks = z.infer<typeof quirksSchema>;
