import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import { z } from 'zod';
import { readersOf } from '../../core/call.ts';
import { CadreError } from '../../core/errors.ts';
import type { Farm } from '../../core/farm.ts';
import { type Access, SESSION_COOKIE } from '../access.ts';
import type { Admitted } from '../admit.ts';
import { decideRequest } from '../gate/decide-route.ts';
import { requireOwnMachine, requireOwnPage } from '../network.ts';
import {
  type AdminContext,
  type AdminEnvironment,
  admitWork,
  farmOf,
  readBody,
  requireOperator,
} from './admin-environment.ts';
import { streamValues } from './stream.ts';
import { printModels, printSpokes, printStatus } from './visible-parts.ts';

const FLEET_INTERVAL_MS = 1000;
export const tokenSchema = z.strictObject({ token: z.string().min(1).max(512) });

/** Status, names, decisions, sign-in, stop. */
export const farmRoutes = new Hono<AdminEnvironment>()
  .get('/status', (context) =>
    context.json(printStatus(farmOf(context).status(), context.get('access'))),
  )
  .get('/spokes', (context) =>
    context.json({
      spokes: printSpokes(
        farmOf(context).spokes(readersOf(context.get('access').caller)),
        context.get('access'),
      ),
    }),
  )
  .get('/names', (context) =>
    context.json({ names: farmOf(context).listNames(readersOf(context.get('access').caller)) }),
  )
  .get('/fleet', (context) => {
    const farm = farmOf(context);
    return streamValues(context, (signal) => watchFleet(farm, context.get('access'), signal));
  })
  .post('/decide', (context) => admitWork(context, decideFor(context)))
  .post('/session', signIn)
  .post('/token', (context) => {
    requireOperator(context);
    return context.json({ token: farmOf(context).mintToken() });
  })
  .post('/stop', (context) => {
    const farm = farmOf(context);
    // The answer goes out first.
    context.env.exchange.response.once('finish', () => farm.stop());
    return context.json({ stopping: true });
  });

function decideFor(context: AdminContext) {
  return async (admitted: Admitted): Promise<Response> =>
    context.json({ decision: await decideRequest(context.env.exchange, admitted) });
}

async function* watchFleet(farm: Farm, access: Access, signal: AbortSignal) {
  while (!signal.aborted) {
    yield {
      status: printStatus(farm.status(), access),
      models: printModels(farm.models(), access),
    };
    // The reader leaving is the ordinary end, not a failure.
    await delay(FLEET_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Exchanges the one-time token of the printed address for a cookie that only this farm's pages use. */
async function signIn(context: AdminContext): Promise<Response> {
  const { incoming, listener } = context.env.exchange;
  const farm = farmOf(context);
  const ours = { port: listener.port, allowedHosts: farm.config.server.allowedHosts };
  if (!listener.isSocket) {
    if (await farm.isKeyless()) requireOwnMachine(incoming, ours);
    else requireOwnPage(incoming, ours);
  }
  const { token } = await readBody(context, tokenSchema);
  const secret = farm.signIn(token);
  if (secret === undefined)
    throw new CadreError('unauthorized', 'the sign-in token is wrong or was used before');
  const secure = incoming.headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  const cookie = `${SESSION_COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Strict${secure}`;
  context.header('set-cookie', cookie);
  return context.json({ signedIn: true });
}
