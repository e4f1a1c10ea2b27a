import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import type { Receipt } from '../core/receipt.ts';
import type { Access } from './access.ts';
import { isId } from './identifiers.ts';

/** A receipt that the caller may see: his own, or any for an operator. Rejects with `receipt_not_found`. */
export async function requireReceipt(
  farm: Farm,
  { caller, isOperator }: Access,
  id: string,
): Promise<Receipt> {
  const receipt = isId(id) ? await farm.receipt(id, caller) : undefined;
  if (receipt !== undefined && (isOperator || receipt.key === caller.key)) return receipt;
  throw new CadreError('receipt_not_found', `there is no receipt “${id.slice(0, 64)}”`);
}
