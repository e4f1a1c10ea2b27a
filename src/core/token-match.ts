/** What an embedder may be able to do beside vectors. */
export interface TokenMatch {
  /**
   * How well the first of these texts fit the query, token by token, −1 … 1; as many as `budgetMs`
   * allows, in order.
   */
  doMatch(
    query: string,
    texts: readonly string[],
    options: { readonly signal: AbortSignal; readonly budgetMs: number },
  ): Promise<readonly number[]>;
}
