/** How long content may wait for its object: an upload that takes longer was killed half-way. */
export const UNCLAIMED_MS = 86_400_000;
