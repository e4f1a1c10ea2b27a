import { Hono } from 'hono';
import { z } from 'zod';
import { readersOf } from '../../core/call.ts';
import { CadreError } from '../../core/errors.ts';
import { type AdmittedWork, admitWork } from '../admit.ts';
import { isId } from '../identifiers.ts';
import { type AdminContext, type AdminEnvironment, farmOf, parse } from './admin-environment.ts';
import { requireCollection } from './collection-routes.ts';
import { shownDocument, shownWarnings } from './shown-document.ts';

/** Reading an original again has a deadline of its own; its turn in the line of documents may take as long. */
const READ_MS = 60_000;

const placeSchema = z.object({
  around: z.coerce.number().int().nonnegative().optional(),
});

/** What a person sees of a collection and of one document in it. */
export const documentRoutes = new Hono<AdminEnvironment>()
  .get('/collections/:name/standing', async (context) => {
    const name = await requireCollection(context);
    const { caller } = context.get('access');
    const standing = await farmOf(context).standing(name, readersOf(caller));
    if (standing === undefined) return context.json({ standing });
    return context.json({
      standing: { ...standing, warnings: shownWarnings(standing.warnings) },
    });
  })
  .get('/collections/:name/documents/:id', async (context) => {
    const { farm, request } = await documentOf(context);
    const document = request && (await farm.document(request));
    if (document === undefined) throw notFound(context);
    const { isOperator } = context.get('access');
    return context.json({ document: shownDocument(document, isOperator) });
  })
  .get('/collections/:name/documents/:id/text', (context) =>
    admitWork(context.env.exchange, readText(context), {
      access: context.get('access'),
      limitMs: READ_MS,
    }),
  );

function readText(context: AdminContext) {
  return async ({ access, signal }: AdmittedWork): Promise<Response> => {
    const { farm, request } = await documentOf(context);
    const text = request && (await farm.documentText(request, signal));
    if (text === undefined) throw notFound(context);
    const { document, ...rest } = text;
    const shown = shownDocument(document, access.isOperator);
    const reason = rest.reason === document.problem ? shown.problem : rest.reason;
    return context.json({ document: shown, ...rest, ...(reason === undefined ? {} : { reason }) });
  };
}

/** Without a request where the id can be none. */
async function documentOf(context: AdminContext) {
  const collection = await requireCollection(context);
  const id = context.req.param('id') ?? '';
  const { around } = parse(placeSchema, context.req.query());
  const principals = readersOf(context.get('access').caller);
  const place = around === undefined ? {} : { around };
  const request = isId(id) ? { collection, id, principals, ...place } : undefined;
  return { farm: farmOf(context), request };
}

function notFound(context: AdminContext): CadreError {
  const [name = '', id = ''] = ['name', 'id'].map((one) => context.req.param(one));
  return new CadreError('document_not_found', `${name} has no document “${id.slice(0, 64)}”`);
}
