import type { IncomingMessage } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { CadreError, toCadreError } from '../../core/errors.ts';
import { fileTrouble } from '../../core/file-trouble.ts';
import { accessOf } from '../admit.ts';
import type { Exchange, ServerContext } from '../exchange.ts';
import { sendError } from '../respond.ts';
import { accessRoutes } from './access-routes.ts';
import type { AdminEnvironment } from './admin-environment.ts';
import { batchRoutes } from './batch-routes.ts';
import { collectionRoutes } from './collection-routes.ts';
import { descriptionRoutes } from './description-routes.ts';
import { documentRoutes } from './document-routes.ts';
import { farmRoutes } from './farm-routes.ts';
import { gateRoutes } from './gate-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { labelRoutes } from './label-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { receiptRoutes } from './receipt-routes.ts';
import { specialistRoutes } from './specialist-routes.ts';
import { trainingRoutes } from './training-routes.ts';
import { weightRoutes } from './weight-routes.ts';

/** Writes that any caller may do: they change nothing, are the way in, or tell what was of use. */
const OPEN_WRITES = /^\/cadre\/v1\/(session|decide|collections\/[^/]+\/(search|opened))$/;
const SECURITY_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const SIGN_IN = '/cadre/v1/session';

const ROUTES = [
  farmRoutes,
  gateRoutes,
  modelRoutes,
  receiptRoutes,
  collectionRoutes,
  documentRoutes,
  weightRoutes,
  accessRoutes,
  keyRoutes,
  batchRoutes,
  specialistRoutes,
  trainingRoutes,
  labelRoutes,
  descriptionRoutes,
];

/** The routes under /cadre/v1, bridged from node:http. */
export function createAdminPlane(server: ServerContext): (exchange: Exchange) => Promise<void> {
  const app = new Hono<AdminEnvironment>({ getPath: (request) => new URL(request.url).pathname });
  app.use('*', async (context, next) => {
    const { exchange } = context.env;
    const { method, path } = context.req;
    context.header('x-request-id', exchange.id);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value);
    if (path !== SIGN_IN) {
      const access = await accessOf(exchange);
      if (!access.isOperator && method !== 'GET' && !OPEN_WRITES.test(path))
        throw new CadreError('forbidden', 'this key may not change the farm');
      context.set('access', access);
    }
    return next();
  });
  for (const routes of ROUTES) app.route('/cadre/v1', routes);
  app.notFound((context) => {
    throw new CadreError('not_found', `there is no ${context.req.method} ${context.req.path}`);
  });
  app.onError((thrown, context) => {
    const { id } = context.env.exchange;
    // A path of this machine is for its operator's eyes.
    const isOperator = context.get('access')?.isOperator === true;
    const trouble = isOperator ? fileTrouble(thrown, server.farm.home) : undefined;
    const error = trouble ?? toCadreError(thrown);
    if (error.code === 'internal') {
      const { message, stack } = thrown;
      server.log({ level: 'error', event: 'request-failed', id, message, stack });
    }
    sendError(context.env.exchange, error, SECURITY_HEADERS);
    return RESPONSE_ALREADY_SENT;
  });

  const exchanges = new WeakMap<object, Exchange>();
  const listener = getRequestListener(
    (request, { incoming }) => {
      const exchange = exchanges.get(incoming);
      if (exchange === undefined) throw new Error('a request that did not come in by the server');
      return app.fetch(request, { exchange });
    },
    { overrideGlobalObjects: false, autoCleanupIncoming: false },
  );
  return async (exchange) => {
    const incoming: IncomingMessage = exchange.incoming;
    exchanges.set(incoming, exchange);
    await listener(incoming, exchange.response);
  };
}
