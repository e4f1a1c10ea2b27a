import { CadreError } from '../../core/errors.ts';
import { admit } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { requireReceipt } from '../own-receipt.ts';
import { sendJson } from '../respond.ts';
import { parseFeedbackBody } from './feedback-request.ts';

/** POST /v1/feedback. Said again it changes nothing; said otherwise it replaces what was said before. */
export function serveFeedback(exchange: Exchange): Promise<void> {
  return admit(exchange, async ({ access, body }) => {
    const { farm } = exchange.server;
    const { receipt: id, said } = parseFeedbackBody(body);
    const receipt = await requireReceipt(farm, access, id);
    if (receipt.operation !== undefined || receipt.outcome === 'failed')
      throw new CadreError('invalid_request', `the request ${receipt.id} has no answer`, {
        param: 'receipt',
      });
    await farm.giveFeedback(receipt, access.caller, said);
    const outcomes = await farm.outcomes(receipt);
    sendJson(exchange.response, { object: 'feedback', receipt: receipt.id, outcomes }, exchange.id);
  });
}
